import {
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
  type GatewayMetadata,
  type OnGatewayConnection,
  type OnGatewayInit,
} from '@nestjs/websockets'
import type {Server, Socket} from 'socket.io'
import {Order, Say} from './messages.js'
import {subscribeToOthers} from './nest.js'
import {accept} from './orders.js'
import {work} from './program.js'

// What Socket.IO's manual has for speed, as in socketio.js.
const options: GatewayMetadata = {transports: ['websocket'], serveClient: false, perMessageDeflate: false}

function forgetRequests(io: Server) {
  io.engine.on('connection', (socket: {request: unknown}) => {
    socket.request = null
  })
}

@WebSocketGateway(options)
export class Orders implements OnGatewayInit<Server> {
  afterInit(io: Server) {
    forgetRequests(io)
  }

  @SubscribeMessage('order')
  order(@MessageBody() order: Order) {
    return accept(order)
  }
}

subscribeToOthers(Orders)

@WebSocketGateway(options)
export class Room implements OnGatewayInit<Server>, OnGatewayConnection<Socket> {
  @WebSocketServer()
  readonly io!: Server

  afterInit(io: Server) {
    forgetRequests(io)
    if (work === 'connect' || work === 'idle') io.use((socket, next) => next())
  }

  handleConnection(client: Socket) {
    void client.join('room')
  }

  @SubscribeMessage('say')
  say(@MessageBody() {text}: Say) {
    this.io.to('room').emit('said', {text})
  }
}
