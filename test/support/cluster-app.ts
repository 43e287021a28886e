import {
  CandyError,
  createApp,
  type App,
  type AppOptions,
  type Candy,
  type SendOptions,
  type WsClient,
} from 'candy-ws'
import {monitorEventLoopDelay} from 'node:perf_hooks'

/** One message, and whom it is for: everyone, where neither rooms nor a user are named. */
export interface Sending {
  readonly rooms?: readonly string[]
  readonly user?: string | number
  readonly except?: readonly string[]
  readonly data?: unknown
  /** Bytes instead of data, in hex. */
  readonly hex?: string
  readonly options?: SendOptions
  /** By `Candy.ws`, and not by `wsServer`: what is for everyone is then for everyone else. */
  readonly asClient?: boolean
}

/** Messages that go out by themselves. */
export interface Flood {
  readonly rooms: readonly string[]
  readonly count: number
  /** Milliseconds from one to the next. */
  readonly every: number
  /** Characters of filling in each. */
  readonly size?: number
}

/** `createApp()` without a bound that many clients of one address would meet. */
const unbounded = {
  messageRate: 'off',
  byteRate: 'off',
  maxViolations: 'off',
  maxPerIp: 'off',
  maxPerUser: 'off',
  acceptRate: 'off',
  maxPayload: 20_000_000,
} as const

/** What a client may have its node do; the answer comes back. */
function commandsOf(app: App) {
  const loop = monitorEventLoopDelay({resolution: 10})
  loop.enable()
  return {
    id: ({ws}: Candy) => ws.id,
    user: ({ws}: Candy) => ws.user,
    rooms: ({ws}: Candy) => [...ws.rooms],
    join: ({ws}: Candy, ...args: Parameters<WsClient['join']>) => void ws.join(...args),
    leave: ({ws}: Candy, ...rooms: string[]) => void ws.leave(...rooms),
    send: (candy: Candy, sending: Sending) => send(candy, sending),
    flood: (candy: Candy, flood: Flood) => begin(candy, flood),
    sayBye: ({ws}: Candy, room: string, data: unknown) => void ws.on('close', () => ws.to(room).send(data)),
    presence: (candy: Candy, room: string) => candy.presence(room),
    revoke: (_: Candy, whose: Parameters<App['revoke']>[0]) => app.revoke(whose),
    /** How the process is: bytes in use, and milliseconds that its loop was late, since it was asked last. */
    vitals: () => {
      globalThis.gc?.()
      const {heapUsed, external} = process.memoryUsage()
      const vitals = {bytes: heapUsed + external, late: loop.max / 1e6, lateMostly: loop.percentile(90) / 1e6}
      loop.reset()
      return vitals
    },
  }
}

export type Commands = ReturnType<typeof commandsOf>

function send({ws, Route: {wsServer}}: Candy, sending: Sending): void {
  const {rooms, user, except = [], data, hex, options, asClient = false} = sending
  if (!rooms && user === undefined) return (asClient ? ws : wsServer).broadcast(data, options)
  const all = rooms ? (asClient ? ws : wsServer).to(...rooms) : wsServer.toUser(user!)
  const audience = except.length > 0 ? all.except(...except) : all
  if (hex === undefined) audience.send(data, options)
  else audience.sendBinary(Buffer.from(hex, 'hex'), options)
}

function begin(candy: Candy, {rooms, count, every, size = 0}: Flood): void {
  let n = 0
  const timer = candy.setInterval(() => {
    candy.Route.wsServer.to(...rooms).send({n, filling: 'x'.repeat(size)})
    n += 1
    if (n === count) candy.clearInterval(timer)
  }, every)
}

interface Command {
  readonly ref: number
  readonly what: keyof Commands
  readonly args: readonly unknown[]
}

/** One app of which many nodes may be begun: clients tell it what to do. Its users are those who have logged in. */
export async function clusterApp(options: AppOptions): Promise<App> {
  const app = await createApp({limits: unbounded, ...options})
  const commands = commandsOf(app) as Record<string, (candy: Candy, ...args: never[]) => unknown>
  const obeying = (candy: Candy) => {
    const {room} = candy.Request.data.url
    if (room !== undefined) candy.ws.join(room)
    candy.ws.on('message', async message => {
      const {ref, what, args} = message as Command
      try {
        candy.ws.send({type: 'done', ref, result: await commands[what]!(candy, ...(args as never[]))})
      } catch (error) {
        candy.ws.send({type: 'done', ref, threw: error instanceof CandyError ? error.code : String(error)})
      }
    })
  }
  for (const path of ['/guest', '/other', '/room/{room}']) app.Route.ws(path, obeying, {token: false})
  app.Route.auth.ws('/user', obeying, {token: false})
  app.Route.post('/login', Candy => Candy.Auth.login({id: Candy.Request.data.post.id as string}), {
    token: false,
  })
  return app
}
