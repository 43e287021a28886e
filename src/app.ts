import {createServer, type IncomingMessage, type Server} from 'node:http'
import {join} from 'node:path'
import {appFolder, checkAppOptions, readConfig, type AppOptions} from './boot/options.js'
import {isFolder, roots} from './boot/files.js'
import {enterGlobal, leaveGlobal, whileLoading} from './boot/global.js'
import {explain} from './boot/load.js'
import {scanControllers, scanMiddleware, scanRoutes} from './boot/scan.js'
import {Candy, CandyRoute, type CandyRoot} from './candy.js'
import {WsClient} from './connection/ws-client.js'
import {WsServer} from './connection/ws-server.js'
import {compile} from './decorators/compile.js'
import {Container} from './decorators/container.js'
import {checkDependencies} from './decorators/dependencies.js'
import type {Class} from './decorators/notes.js'
import {bootError, Problems} from './errors.js'
import {authOf, CandyAuth} from './handshake/auth.js'
import {MiddlewareRegistry} from './handshake/middleware.js'
import {CandyRequest, compileTrust, type RequestHead, type Trust} from './handshake/request.js'
import {Keys, readSecret} from './handshake/secret.js'
import {Sessions} from './handshake/session.js'
import {parseTarget} from './handshake/target.js'
import {Tokens} from './handshake/token.js'
import {drain} from './http/drain.js'
import {endpointOf, type Endpoint} from './http/endpoint.js'
import {siteListener} from './http/site.js'
import {Upgrades, type Caller} from './http/upgrade.js'
import {describeError, guardLogger, jsonLogger, type Logger} from './log.js'
import {rateLimit} from './middleware/rate-limit.js'
import {bound, checkOptions, checks, defaultLimits, type Limits} from './options.js'
import {randomId} from './random.js'
import {Hub} from './rooms/hub.js'
import {
  defineRoute,
  type Middleware,
  type MiddlewareClass,
  type RouteDefinition,
  type RouteDraft,
} from './routing/route.js'
import {callerSource, showSource} from './routing/source.js'
import {Table} from './routing/table.js'

export interface ListenOptions {
  /** 0 takes a free one. Default 3000. */
  port?: number
  /** Default `'127.0.0.1'`: open to the network only when you say so. */
  host?: string
}

export interface CloseOptions {
  /** Milliseconds clients and handlers have to end by themselves; the rest is cut. Default 5,000. */
  drain?: number
}

/** One app: a table of routes, and the server that serves it. */
export class App implements CandyRoot {
  /** Declares routes; `Route.wsServer` reaches every connection. */
  readonly Route: CandyRoute

  readonly #dir: string
  readonly #options: AppOptions
  readonly #log: Logger
  readonly #limits: Limits
  readonly #hub = new Hub<WsClient>()
  readonly #container = new Container()
  readonly #middleware: MiddlewareRegistry
  readonly #table = new Table<Endpoint>()
  readonly #routes: RouteDefinition<Candy>[] = []
  readonly #drafts: RouteDraft<Candy>[] = []
  readonly #sessions: Sessions
  readonly #tokens: Tokens
  readonly #trust: Trust
  readonly #ask: ReturnType<typeof authOf>
  readonly #upgrades: Upgrades
  #server: Server | undefined
  #url: string | undefined
  #booting = true
  #closed: Promise<void> | undefined

  /** @internal */
  constructor(options: AppOptions, dir: string) {
    this.#dir = dir
    this.#options = options
    this.#log = guardLogger(options.logger ?? jsonLogger())
    this.#limits = {...defaultLimits, ...options.limits}
    const keys = new Keys(readSecret(options.secret, dir, this.#log))
    this.#sessions = new Sessions(keys)
    this.#tokens = new Tokens(keys)
    this.#trust = compileTrust(options.trustProxy ?? false)
    this.#ask = authOf(options.auth)
    this.#middleware = new MiddlewareRegistry(new Map([['rate-limit', rateLimit()]]), (cls, place) =>
      this.#middlewareClass(cls, place),
    )
    const wsServer = new WsServer(this.#hub)
    this.#container.provide(WsServer, wsServer)
    this.Route = new CandyRoute(draft => this.#declare(draft), wsServer)
    this.#upgrades = new Upgrades({
      log: this.#log,
      perMessageDeflate: options.perMessageDeflate ?? false,
      find: request => this.#find(request),
    })
  }

  /** The route table, in the order of declaration. */
  routes(): readonly RouteDefinition<Candy>[] {
    return Object.freeze([...this.#routes])
  }

  /** Registers a middleware for routes declared from now on. @throws BootError `NOT_A_FUNCTION` */
  use(name: string, middleware: Middleware<Candy> | MiddlewareClass<Candy>): this {
    this.#middleware.register(name, middleware, showSource(callerSource(), this.#dir))
    return this
  }

  /**
   * Serves. Rejects with one clear line if the port is in use.
   *
   * @throws BootError `INVALID_OPTION`
   */
  async listen(options: ListenOptions = {}): Promise<{port: number; host: string; url: string}> {
    checkOptions(options, {port: checks.port, host: checks.string}, 'listen()', 'listen')
    if (this.#closed) throw new Error('The app is closed: createApp() makes a new one')
    if (this.#server) throw new Error('The app listens already')
    const {port = 3_000, host = '127.0.0.1'} = options
    this.start()
    const server = createServer(this.#site())
    server.on('upgrade', (request, socket, head) => this.#upgrades.take(request, socket, head))
    this.#server = server
    try {
      await listening(server, port, host)
    } catch (error) {
      this.#server = undefined
      throw error
    }
    // Such as a process out of file descriptors, which cannot accept for a while.
    server.on('error', error => this.#log.error(describeError(error), 'the server failed'))
    const bound = server.address() as {port: number}
    const shown = host.includes(':') ? `[${host}]` : host
    this.#url = `http://${shown}:${bound.port}`
    return {port: bound.port, host, url: this.#url}
  }

  /** Where it listens; `undefined` before. */
  get url(): string | undefined {
    return this.#url
  }

  /**
   * Closes every connection with 1012 and waits for its close handlers; what is left at the deadline is cut.
   * Calling it again awaits the same end.
   *
   * @throws BootError `INVALID_OPTION`
   */
  async close(options: CloseOptions = {}): Promise<void> {
    checkOptions(options, {drain: checks.time}, 'close()', 'close')
    await (this.#closed ??= this.#close(options.drain ?? 5_000))
  }

  async #close(time: number): Promise<void> {
    const server = this.#server
    const stopped = server && new Promise<void>(resolve => server.close(() => resolve()))
    server?.closeIdleConnections()
    await drain(this.#upgrades, time)
    server?.closeAllConnections()
    await stopped
    leaveGlobal(this)
    await this.#container.dispose()
  }

  /** Makes the singletons; before the first connection. @internal */
  start(): void {
    this.#container.makeSingletons()
  }

  /** Finds an address and makes its context, without a socket. @internal */
  caller(head: RequestHead): Caller | number {
    const target = parseTarget(head.url ?? '', bound(this.#limits.maxUrl))
    if (typeof target === 'number') return target
    const match = this.#table.match(target.segments)
    if (!match) return 404
    const request = new CandyRequest(head, match.params, target.query, this.#trust)
    if (this.#sessions.isMalformed(request)) return 400
    return {endpoint: match.value, candy: this.#context(request, match.value.route.path)}
  }

  /** @internal */
  get upgrades(): Upgrades {
    return this.#upgrades
  }

  /** Loads and checks everything the options name. @internal */
  async boot(): Promise<void> {
    const problems = new Problems()
    const {dir, controllers = [], routes = [], middleware = {}} = this.#options
    for (const [name, fn] of Object.entries(middleware))
      problems.collect(() => this.#middleware.register(name, fn, 'createApp()'))
    const classes = new Set<Class>(controllers)
    if (dir !== undefined) {
      await scanMiddleware(this.#dir, this, this.#middleware, problems)
      for (const cls of await scanControllers(this.#dir, problems)) classes.add(cls)
      await scanRoutes(this.#dir, this, problems)
    }
    for (const declare of routes) await this.#runDeclarer(declare, problems)

    this.#booting = false
    const context = {
      container: this.#container,
      dir: this.#dir,
      middleware: this.#middleware.resolve.bind(this.#middleware),
    }
    for (const cls of classes) problems.collect(() => this.#add(compile(cls, context)))
    for (const draft of this.#drafts.splice(0)) problems.collect(() => this.#add(draft))
    problems.throwIfAny()
  }

  async #runDeclarer(declare: (root: CandyRoot) => unknown, problems: Problems): Promise<void> {
    try {
      await whileLoading(this, async () => declare(this))
    } catch (error) {
      problems.keep(explain(error, 'createApp()', this.#dir))
    }
  }

  /** While booting, faults are gathered and told together; afterwards they throw where the route is added. */
  #declare(draft: RouteDraft<Candy>): void {
    if (this.#booting) this.#drafts.push(draft)
    else if (this.#options.strict && this.#server)
      throw bootError(
        'INVALID_OPTION',
        showSource(draft.source, this.#dir),
        `the route ${String(draft.path)} comes after the app listens`,
        'Declare it before listen(), or leave out strict: true.',
      )
    else this.#add(draft)
  }

  #add(draft: RouteDraft<Candy>): void {
    const {route, pattern} = defineRoute(draft, this.#dir)
    const endpoint = endpointOf(route, {
      origins: this.#options.origins ?? [],
      requireOrigin: this.#options.requireOrigin ?? false,
      refuse: this.#options.refuse ?? 'close',
      limits: this.#limits,
      middleware: this.#middleware.resolve.bind(this.#middleware),
    })
    const taken = this.#table.add(pattern, endpoint)
    if (taken)
      throw bootError(
        'DUPLICATE_ROUTE',
        route.source,
        `${route.path} matches the same addresses as ${taken.route.path} at ${taken.route.source}`,
        'Keep one of the two, or give one another path.',
      )
    this.#routes.push(route)
  }

  #middlewareClass(cls: MiddlewareClass<Candy>, place: string): {handle(candy: Candy): unknown} {
    checkDependencies(cls as unknown as Class, this.#container, place, cls.name)
    let instance: {handle(candy: Candy): unknown} | undefined
    return {
      handle: candy =>
        (instance ??= this.#container.get(cls as never) as {handle(candy: Candy): unknown}).handle(candy),
    }
  }

  #find(request: IncomingMessage): Caller | number {
    return this.caller(request as RequestHead)
  }

  #context(request: CandyRequest, path: string): Candy {
    const auth = new CandyAuth(() => this.#ask(request))
    const id = randomId()
    const log = this.#log
    const ws = new WsClient({
      id,
      hub: this.#hub,
      user: () => auth.known,
      uncaught: (error, during) => {
        const level = during === 'socket' ? 'debug' : 'error'
        log[level]({route: path, connection: id, ...describeError(error)}, `uncaught in ${during}`)
      },
    })
    return new Candy({
      ws,
      path,
      Request: request,
      Auth: auth,
      Route: this.Route,
      tokens: this.#tokens,
      session: this.#sessions.read(request),
    })
  }

  #site() {
    return siteListener({
      sessions: this.#sessions,
      tokens: this.#tokens,
      trust: this.#trust,
      origins: this.#options.origins ?? [],
      folders:
        this.#options.dir === undefined
          ? []
          : roots(this.#dir)
              .map(root => join(root, 'public'))
              .filter(isFolder),
      maxUrl: this.#limits.maxUrl,
      isWebSocket: segments => this.#table.match(segments) !== undefined,
    })
  }
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error)
      reject(Object.assign(new Error(`port ${port} on ${host} is in use`), {code: error.code}))
    })
    server.once('close', () => reject(new Error('The app is closed: createApp() makes a new one')))
    server.listen(port, host, resolve)
  })
}

/**
 * Makes an app: reads the folder's config, loads controllers, routes and middleware, and checks them all.
 *
 * @throws BootError that lists every fault, each with its place and remedy
 */
export async function createApp(options: AppOptions = {}): Promise<App> {
  const place = showSource(callerSource(), process.cwd())
  checkAppOptions(options, place)
  const dir = options.dir === undefined ? process.cwd() : appFolder(options.dir, place)
  const config = options.dir === undefined ? {} : await readConfig(dir)
  const app = new App({...config, ...withoutUndefined(options)}, dir)
  enterGlobal(app)
  try {
    await app.boot()
    return app
  } catch (error) {
    leaveGlobal(app)
    throw error
  }
}

function withoutUndefined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>
}
