// The server of connects.ts: each connection has what a connection may have, and whoever goes has to leave it all behind.
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {Candy, createApp, injectable, OnOpen, Token, WsRoute} from 'candy-ws'
import {answer} from './program.js'
import {reading, type Reading} from './reading.js'

const scopes = {made: 0, disposed: 0}

@injectable()
class Scoped {
  constructor() {
    scopes.made += 1
  }

  dispose(): void {
    scopes.disposed += 1
  }
}

@WsRoute('/visit/<id>')
@Token(false)
class Visit {
  // Asked for, so that each connection has one.
  constructor(
    readonly candy: Candy,
    readonly scoped: Scoped,
  ) {}

  @OnOpen()
  opened() {
    const {ws, signal, Request} = this.candy
    const {id} = Request.data.url as {id: string}
    ws.join('everybody', `room-${Number(id) % 50}`, `alone-${id}`)
    ws.on('message', () => undefined)
    ws.on('close', () => undefined)
    signal.addEventListener('abort', () => undefined)
    this.candy.setInterval(() => undefined, 60_000)
    ws.send('welcome')
  }
}

// All clients come from one address, faster than an app has to take: every other limit is the default.
const app = await createApp({controllers: [Visit], limits: {maxPerIp: 'off', acceptRate: 'off'}})
const server = createServer()
app.attach(server)

export interface VisitsReading extends Reading {
  readonly scopes: {readonly made: number; readonly disposed: number}
  /** On the process and on the server that the app is attached to. */
  readonly listeners: number
}

function listeners(): number {
  return [process, server]
    .flatMap(emitter => emitter.eventNames().map(name => emitter.listenerCount(name as never)))
    .reduce((total, count) => total + count, 0)
}

answer({
  listen: async () => {
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  },
  connections: () => app.Route.wsServer.clientCount,
  read: (): VisitsReading => ({...reading(app.Route.wsServer), scopes, listeners: listeners()}),
})
