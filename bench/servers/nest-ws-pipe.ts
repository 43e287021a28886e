// The same, with its ValidationPipe.
import {UsePipes} from '@nestjs/common'
import {WsAdapter} from '@nestjs/platform-ws'
import {Orders, Room} from './nest-ws-gateways.js'
import {serve, strict} from './nest.js'
import {work} from './program.js'

const gateway = work === 'echo' ? Orders : Room
UsePipes(strict)(gateway)
await serve(gateway, app => new WsAdapter(app))
