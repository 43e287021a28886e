import {injectable, OnOpen, rateLimit, WsRoute, type Candy, type RouteOptions} from 'candy-ws'
import {expect, describe, it} from 'vitest'
import {handshake, raw, type HeaderLines, type Raw} from '../support/raw.js'
import {heldBy, nothing, serve, type Served} from '../support/serve.js'

const times = 1_000
const batch = 100
/** Kinds at a time: each takes two descriptors a peer. */
const together = 3

/** What a connection's scope makes: one for each connection that comes to be. */
@injectable()
class Seat {
  static made = 0
  static disposed = 0
  constructor() {
    Seat.made += 1
  }
  dispose() {
    Seat.disposed += 1
  }
}

function controllerAt(path: string, options: RouteOptions<Candy>, opened: () => void = () => undefined) {
  @WsRoute(path, options)
  class Guarded {
    constructor(readonly seat: Seat) {}
    @OnOpen() open() {
      opened()
    }
  }
  return Guarded
}

function boom(): never {
  throw new Error('boom')
}

const free = {token: false} as const
const controllers = [
  controllerAt('/open', free),
  controllerAt('/auth', {auth: true}),
  controllerAt('/token', {}),
  controllerAt('/no', {...free, use: [() => false]}),
  controllerAt('/odd', {...free, use: [() => 'odd']}),
  controllerAt('/busy', {...free, use: [rateLimit({points: 1, duration: 600_000})]}),
  controllerAt('/throws', {...free, use: [boom]}),
  controllerAt('/opens', free, boom),
  controllerAt('/slow', {
    ...free,
    use: [() => new Promise(() => undefined)],
    limits: {upgradeTimeout: 50},
  }),
  controllerAt('/http', {...free, use: [() => false], refuse: 'http'}),
]

interface Kind {
  readonly target: string
  readonly headers?: HeaderLines
  readonly answer: number
}

const kinds: Readonly<Record<string, Kind>> = {
  'no such path': {target: '/none', answer: 404},
  'a malformed target': {target: '/open/%', answer: 400},
  'a foreign Origin': {target: '/open', headers: {Origin: 'https://evil.example'}, answer: 403},
  'no verdict in time': {target: '/slow', answer: 503},
  "refuse: 'http'": {target: '/http', answer: 403},
  'no user': {target: '/auth', answer: 4001},
  'no token': {target: '/token', answer: 4002},
  'a bad token': {target: '/token', headers: {'Sec-WebSocket-Protocol': 'candy-token-x'}, answer: 4002},
  'middleware says false': {target: '/no', answer: 4003},
  'middleware says something else': {target: '/odd', answer: 4000},
  'the rate limit': {target: '/busy', answer: 1013},
  'middleware throws': {target: '/throws', answer: 1011},
  '@OnOpen throws': {target: '/opens', answer: 1011},
}

/** Asks a thousand times. Half-open peers hold their sockets until told to let go; the others end them. */
async function refuseMany({port}: Served, kind: Kind, halfOpen: boolean): Promise<Raw[]> {
  const peers: Raw[] = []
  for (let asked = 0; asked < times; asked += batch) {
    const some = await Promise.all(Array.from({length: batch}, () => raw(port, {halfOpen})))
    peers.push(...some)
    for (const peer of some) peer.write(handshake(kind.target, kind.headers))
    const answers = await Promise.all(some.map(answerTo))
    expect(new Set(answers)).toEqual(new Set([kind.answer]))
    if (!halfOpen) for (const peer of some) peer.socket.end()
  }
  return peers
}

async function answerTo(peer: Raw): Promise<number> {
  const {status} = await peer.head()
  return status === 101 ? (await peer.closeFrame()).code : status
}

describe('2. The handshake: 1,000 refused handshakes of each kind', () => {
  it.each([false, true])(
    'row 32: leave no connection, no scope and no socket 2.5 s later; peers never send FIN: %s',
    {timeout: 60_000},
    async halfOpen => {
      const app = await serve({controllers, limits: {maxPerIp: 'off', acceptRate: 'off'}})
      const first = await raw(app.port)
      await first.write(handshake('/busy')).head()
      first.reset()
      await expect.poll(() => heldBy(app.app)).toEqual(nothing)
      const madeBefore = Seat.made

      const all = Object.entries(kinds)
      for (let index = 0; index < all.length; index += together) {
        const some = all.slice(index, index + together)
        const peers = await Promise.all(some.map(([, kind]) => refuseMany(app, kind, halfOpen)))
        const left = () => ({kinds: some.map(([name]) => name), ...heldBy(app.app)})
        await expect.poll(left, {timeout: 2_500}).toEqual({kinds: some.map(([name]) => name), ...nothing})
        for (const peer of peers.flat()) peer.socket.destroy()
      }
      // Of all of them only those whose handler ran had a scope.
      expect(Seat.made - madeBefore).toBe(times)
      expect(Seat.disposed).toBe(Seat.made)
    },
  )
})
