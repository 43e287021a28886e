// Candy as its README has it: a controller per connection, messages that are judged, a declared answer.
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {Body, Candy, createApp, Emits, OnMessage, OnOpen, Token, Use, WsRoute} from '../../dist/index.js'
import {defaultLimits} from '../../dist/limits.js'
import {Accepted, Order, Say} from './messages.js'
import {accept, others} from './orders.js'
import {listen, work} from './program.js'

@WsRoute('/room/<id>')
@Token(false)
class Orders {
  @OnMessage('order', {reply: Accepted})
  order(@Body() order: Order): Accepted {
    return accept(order)
  }
}

for (const type of others) {
  const method = {value: () => undefined}
  Object.defineProperty(Orders.prototype, type, method)
  OnMessage(type)(Orders.prototype, type, method)
}

const passes = () => true

@WsRoute('/room/<id>')
@Token(false)
@Use(passes)
@Emits('said', Say)
class Room {
  constructor(private readonly candy: Candy) {}

  @OnOpen()
  opened() {
    this.candy.ws.join('room')
  }

  @OnMessage('say')
  say(@Body() {text}: Say) {
    this.candy.ws.to('room').send({type: 'said', text})
  }
}

@WsRoute('/room/<id>')
@Token(false)
@Use(passes)
@Emits('said', Say)
class Alone {
  constructor(private readonly candy: Candy) {}

  @OnOpen()
  opened() {
    this.candy.ws.join('room')
  }

  @OnMessage('say')
  say(@Body() {text}: Say) {
    this.candy.ws.send({type: 'said', text})
  }
}

// High rather than off: what it takes to count is part of the price. price.js asks what that is.
const million = 1_000_000
const high = {
  messageRate: 10 * million,
  byteRate: 10_000 * million,
  maxConnections: million,
  maxPerIp: million,
  acceptRate: million,
}
const off = Object.fromEntries(Object.keys(defaultLimits).map(name => [name, 'off']))

const token = 'who may read the metrics of the bench'
const isNode = work === 'nodes'

const app = await createApp({
  ...(isNode && {bus: process.env.BENCH_BUS!, metrics: {token}}),
  controllers: [{echo: Orders, 'echo-off': Orders, 'idle-deflate': Alone}[work] ?? Room],
  perMessageDeflate: work.endsWith('deflate'),
  limits: work === 'echo-off' ? off : high,
})
// listen() of an app knows ports alone; an app that is attached is served by any server, on a path too.
const server = isNode ? createServer(app.http()) : createServer()
app.attach(server)

/** Messages of other nodes: what came over the bus, as Prometheus would read it. */
async function heard(): Promise<number> {
  const {port} = server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}/_candy/metrics`, {
    headers: {Authorization: `Bearer ${token}`},
  })
  return Number(/^candy_bus_messages_total\{[^}]*received[^}]*\} (\d+)$/m.exec(await response.text())![1])
}

listen(server, isNode ? heard : undefined)
