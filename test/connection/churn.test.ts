import {once} from 'node:events'
import {
  Candy,
  createApp,
  injectable,
  Lifecycle,
  OnClose,
  OnMessage,
  OnOpen,
  scoped,
  singleton,
  Token,
  WsRoute,
  type App,
  type WsServer,
} from 'candy-ws'
import type {Upgrades} from '#candy/http/upgrade.js'
import {afterEach, describe, expect, it} from 'vitest'
import {WebSocket} from 'ws'
import {until} from '../support/serve-handlers.js'

let app: App
afterEach(() => app.close({drain: 1_000}))

const scopes = {open: 0, closed: 0}
const singletons = {open: 0, closed: 0}

/** Belongs to one connection: its life is the life of that connection's DI scope. */
@scoped(Lifecycle.ContainerScoped)
class Seat {
  readonly ballast = Buffer.alloc(64)
  constructor() {
    scopes.open += 1
  }
  dispose() {
    scopes.closed += 1
  }
}

@singleton()
class House {
  constructor() {
    singletons.open += 1
  }
  dispose() {
    singletons.closed += 1
  }
}

@injectable()
class Helper {
  constructor(readonly candy: Candy) {}
}

@WsRoute('/class/<room>')
@Token(false)
class Member {
  #room = ''
  constructor(
    private readonly candy: Candy,
    readonly seat: Seat,
    readonly house: House,
    readonly helper: Helper,
  ) {}
  @OnOpen() opened() {
    this.#room = this.candy.Request.data.url.room!
    this.candy.ws.join(this.#room, 'all')
    this.candy.setInterval(() => undefined, 60_000)
  }
  @OnMessage('say') say() {
    return this.candy.ws.rooms.size
  }
  @OnClose() closed() {
    this.candy.ws.leave(this.#room)
  }
}

function functional(Candy: Candy): void {
  Candy.ws.join(Candy.Request.data.url.room!, 'all')
  Candy.ws.data.ballast = Buffer.alloc(64)
  Candy.signal.addEventListener('abort', () => undefined)
  Candy.setTimeout(() => undefined, 60_000)
  Candy.ws.on('message', () => Candy.ws.send({type: 'reply', data: 2}))
  Candy.ws.on('close', () => undefined)
}

/** One visit: connects, asks, hears, closes or drops. */
async function visit(url: string, n: number): Promise<void> {
  const socket = new WebSocket(`${url}/${n % 2 ? 'class' : 'function'}/room-${n % 50}`, {
    perMessageDeflate: false,
  })
  await once(socket, 'open')
  socket.send('{"type":"say","ref":1}')
  await once(socket, 'message')
  if (n % 10 === 0) socket.terminate()
  else socket.close()
  await once(socket, 'close')
}

async function visits(url: string, count: number): Promise<void> {
  let next = 0
  const visitor = async () => {
    while (next < count) await visit(url, (next += 1))
  }
  await Promise.all(Array.from({length: 100}, visitor))
}

/** Heap in use once nothing more can be collected. */
async function heap(): Promise<number> {
  let least = Infinity
  for (let n = 0; n < 4; n += 1) {
    await new Promise(resolve => setTimeout(resolve, 20))
    globalThis.gc!()
    least = Math.min(least, process.memoryUsage().heapUsed)
  }
  return least
}

describe('10,000 connect/close cycles', () => {
  it('end with no scope, no connection, no room, and a flat heap', {timeout: 120_000}, async () => {
    // More than five hundred come in a second, from one address.
    app = await createApp({controllers: [Member], limits: {acceptRate: 'off', maxPerIp: 'off'}})
    app.Route.ws('/function/<room>', functional, {token: false})
    const url = (await app.listen({port: 0})).url.replace('http', 'ws')
    const internals = app as App & {upgrades: Upgrades}
    const nobody = () => app.Route.wsServer.clientCount === 0 && internals.upgrades.connections.size === 0

    await visits(url, 2_000)
    await until(nobody)
    const growths: number[] = []
    for (let at = await heap(); growths.length < 5;) {
      await visits(url, 2_000)
      await until(nobody)
      const now = await heap()
      growths.push(Math.round((now - at) / 2_000))
      at = now
    }

    expect(scopes).toEqual({open: 6_000, closed: 6_000})
    expect(singletons).toEqual({open: 1, closed: 0})
    expect(internals.upgrades.socketCount).toBe(0)
    expect((app.Route.wsServer as WsServer & {roomCount: number}).roomCount).toBe(0)
    // Bytes per connection. The median: one round may pay for compiled code or a pool, a leak shows in all of them.
    if (process.env.CANDY_FIGURES) console.log('heap growth per connection, by round of 2,000', growths)
    expect(growths.toSorted((a, b) => a - b)[2]).toBeLessThan(512)

    await app.close({drain: 1_000})
    expect(singletons).toEqual({open: 1, closed: 1})
  })
})
