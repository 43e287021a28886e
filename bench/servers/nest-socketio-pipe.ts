// The same, with its ValidationPipe.
import {UsePipes} from '@nestjs/common'
import {IoAdapter} from '@nestjs/platform-socket.io'
import {Orders, Room} from './nest-socketio-gateways.js'
import {serve, strict} from './nest.js'
import {work} from './program.js'

const gateway = work === 'echo' ? Orders : Room
UsePipes(strict)(gateway)
await serve(gateway, app => new IoAdapter(app))
