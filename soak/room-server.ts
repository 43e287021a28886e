// The server of the soak: a controller per connection, which counts what it hears, and streams that it is told.
import {
  Auth,
  Body,
  Candy,
  createApp,
  injectable,
  OnClose,
  OnMessage,
  OnOpen,
  Param,
  type LogFields,
  type Logger,
  Token,
  WsRoute,
} from 'candy-ws'
import {IsInt} from 'class-validator'
import type {ServerAccount} from './account.js'
import {reading, type Reading} from './reading.js'
import {answer, tell} from './program.js'
import {everybody, Streams} from './streams.js'

const streams = new Streams()
const open = new Map<number, Room>()
const scopes = {made: 0, disposed: 0}

class Say {
  @IsInt()
  readonly n!: number
}

/** Made with each connection, and ended with it. */
@injectable()
class Scoped {
  constructor() {
    scopes.made += 1
  }

  dispose(): void {
    scopes.disposed += 1
  }
}

@WsRoute('/room/<id>')
@Token(false)
@Auth()
class Room {
  connection = 0
  revoked = false
  #handled = 0
  #gaps = 0
  #from: Readonly<Record<string, number>> = {}

  // Asked for, so that each connection has one.
  constructor(
    readonly candy: Candy,
    readonly scoped: Scoped,
  ) {}

  @OnOpen()
  opened(@Param('id') id: string) {
    const {ws, Request} = this.candy
    this.connection = Number(Request.data.get.c)
    open.set(this.connection, this)
    ws.join(id, `alone-${this.connection}`)
    this.#from = {[everybody]: streams.last(everybody), [id]: streams.last(id)}
    ws.send({type: 'welcome', from: this.#from})
  }

  @OnMessage('say')
  say(@Body() {n}: Say) {
    this.#handled += 1
    if (n !== this.#handled) this.#gaps += 1
    return n
  }

  @OnClose()
  closed(code: number) {
    open.delete(this.connection)
    const {connection, revoked} = this
    const told = Object.entries(this.#from).map(([name, from]) => [name, {from, last: streams.last(name)}])
    const account: ServerAccount = {
      connection,
      handled: this.#handled,
      gaps: this.#gaps,
      told: Object.fromEntries(told) as ServerAccount['told'],
      code,
      revoked,
    }
    tell(account)
  }
}

/** Events by name: one line for each peer that is cut is right, but not here. Errors are for the reader. */
const events: Record<string, number> = {}
const count = ({event}: LogFields) => {
  const name = String(event)
  events[name] = (events[name] ?? 0) + 1
}
const logger: Logger = {debug: () => undefined, info: count, warn: count, error: console.error}

const app = await createApp({
  controllers: [Room],
  logger,
  auth: request => ({id: request.header('authorization') ?? 'nobody'}),
  // All clients come from one address; every other limit is the default.
  limits: {maxPerIp: 'off'},
})
const {wsServer} = app.Route

/** Ends who is behind a connection: the user, or the session, if it has one. */
function revoke(connection: number): void {
  const room = open.get(connection)
  if (!room) return
  const {session, user} = {
    session: room.candy.Request.cookie('candy_session'),
    user: room.candy.ws.user as {id: string},
  }
  room.revoked = true
  app.revoke(session === undefined ? {user: user.id} : {session})
}

answer({
  listen: async () => {
    const {url} = await app.listen({port: 0})
    streams.start(wsServer)
    return url
  },
  read: (): Reading & {scopes: typeof scopes} => ({...reading(wsServer), scopes}),
  connections: () => wsServer.clientCount,
  revoke,
  events: () => events,
  quiet: () => streams.stop(),
})
