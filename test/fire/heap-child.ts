/** Run with `--expose-gc` and the name of a scenario; prints what is left of it. */
import {
  Candy,
  createApp,
  injectable,
  OnMessage,
  OnOpen,
  Token,
  WsRoute,
  type App,
  type Logger,
} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {once} from 'node:events'
import {WebSocket} from 'ws'
import {ask, handshake} from '../support/raw.js'

const unbounded = {
  messageRate: 'off',
  byteRate: 'off',
  maxPerIp: 'off',
  acceptRate: 'off',
  maxViolations: 'off',
} as const

/** What stands in a log, and what would if one asked for more. */
let [lines, details] = [0, 0]
const count = () => void (lines += 1)
const detail: Logger['debug'] = ({event}) => {
  if (event === 'token.invalid') details += 1
}
const logger: Logger = {debug: detail, info: count, warn: count, error: count}

const disposables = 50
let [made, disposed] = [0, 0]

/** A transient service, one of many. */
function service(): new () => {dispose(): void} {
  @injectable()
  class Service {
    readonly ballast = Array.from({length: 16}, (_, n) => n)
    constructor() {
      made += 1
    }
    dispose() {
      disposed += 1
    }
  }
  return Service
}
const services = Array.from({length: disposables}, service)

@WsRoute('/services')
@Token(false)
class Services {
  @OnMessage('use', {args: services}) use(...all: object[]) {
    return all.length
  }
}

@WsRoute('/messages')
@Token(false)
class Messages {
  constructor(private readonly candy: Candy) {}
  @OnOpen() open() {}
  @OnMessage('fail') fail(candy: Candy) {
    throw new Error(`no ${candy.ws.id}`)
  }
  @OnMessage('move') move() {
    rooms += 1
    this.candy.ws.join(`room ${rooms}`)
    this.candy.ws.leave(`room ${rooms}`)
  }
}
let rooms = 0

interface Scenario {
  /** How often `once` is done, and by how many at a time. */
  readonly times: number
  readonly together: number
  readonly once: (app: App, port: number, n: number) => Promise<unknown>
}

const sockets: WebSocket[] = []

/** A hundred messages to one of ten connections that stay, and their answers. */
const messages = (type: string) => async (_app: App, port: number, n: number) => {
  const socket = (sockets[n] ??= new WebSocket(`ws://127.0.0.1:${port}/messages`))
  if (socket.readyState === WebSocket.CONNECTING) await once(socket, 'open')
  const answered = new Promise<void>(resolve => {
    let answers = 0
    socket.on('message', function hear() {
      if ((answers += 1) < 100) return
      socket.off('message', hear)
      resolve()
    })
  })
  for (let ref = 0; ref < 100; ref += 1) socket.send(JSON.stringify({type, ref}))
  await answered
}

const scenarios: Readonly<Record<string, Scenario>> = {
  disposables: {
    times: 2_000,
    together: 20,
    once: async (app, _port, n) => {
      const client = await connect(app, '/services', {token: false})
      client.send({type: 'use', ref: n})
      await client.next()
      await client.close()
    },
  },
  errors: {times: 1_000, together: 10, once: messages('fail')},
  rooms: {times: 1_000, together: 10, once: messages('move')},
  tokens: {
    times: Number(process.env.CANDY_FUZZ ?? 10_000),
    together: 50,
    once: (_app, port) =>
      ask(port, handshake('/token', {'Sec-WebSocket-Protocol': 'candy.v1, candy-token-no'})),
  },
}

/** Bytes in use once nothing more can be collected. */
async function heap(): Promise<number> {
  let least = Infinity
  for (let n = 0; n < 4; n += 1) {
    await new Promise(resolve => setTimeout(resolve, 20))
    globalThis.gc!()
    least = Math.min(least, process.memoryUsage().heapUsed)
  }
  return least
}

const {times, together, once: act} = scenarios[process.argv[2]!]!
const app = await createApp({logger, limits: unbounded, controllers: [Services, Messages]})
app.Route.ws('/token', () => undefined)
const {port} = await app.listen({port: 0})

let next = 0
const upTo = (end: number) =>
  Promise.all(
    Array.from({length: together}, async (_, lane) => {
      for (; next < end; await act(app, port, lane)) next += 1
    }),
  )
// Node, the clients and the compiler have what they keep after that.
await upTo((times / 5) * 3)
const before = await heap()
await upTo(times)
const grown = (await heap()) - before
for (const socket of sockets) socket?.terminate()
await app.close({drain: 1_000})
process.stdout.write(JSON.stringify({times, grown, lines, details, made, disposed, rooms}))
