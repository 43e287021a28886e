// NestJS on platform-socket.io, as its manual has it: what a method returns is acknowledged.
import {IoAdapter} from '@nestjs/platform-socket.io'
import {Orders, Room} from './nest-socketio-gateways.js'
import {serve} from './nest.js'
import {work} from './program.js'

await serve(work === 'echo' ? Orders : Room, app => new IoAdapter(app))
