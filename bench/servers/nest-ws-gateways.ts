import {
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
} from '@nestjs/websockets'
import type {WebSocket} from 'ws'
import {Order, Say} from './messages.js'
import {subscribeToOthers} from './nest.js'
import {accept} from './orders.js'

@WebSocketGateway()
export class Orders {
  @SubscribeMessage('order')
  order(@MessageBody() order: Order) {
    return {event: 'order', data: accept(order)}
  }
}

subscribeToOthers(Orders)

@WebSocketGateway()
export class Room implements OnGatewayConnection<WebSocket>, OnGatewayDisconnect<WebSocket> {
  readonly #members = new Set<WebSocket>()

  handleConnection(client: WebSocket) {
    this.#members.add(client)
  }

  handleDisconnect(client: WebSocket) {
    this.#members.delete(client)
  }

  @SubscribeMessage('say')
  say(@MessageBody() {text}: Say) {
    const said = JSON.stringify({event: 'said', data: {text}})
    for (const member of this.#members) member.send(said)
  }
}
