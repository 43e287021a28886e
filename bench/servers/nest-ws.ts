// NestJS on platform-ws, as its manual has it: a gateway, whose answers are what its methods return.
import {WsAdapter} from '@nestjs/platform-ws'
import {Orders, Room} from './nest-ws-gateways.js'
import {serve} from './nest.js'
import {work} from './program.js'

await serve(work === 'echo' ? Orders : Room, app => new WsAdapter(app))
