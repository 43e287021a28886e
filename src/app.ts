import type {IncomingMessage} from 'node:http'
import {join} from 'node:path'
import type {Duplex} from 'node:stream'
import {isFolder, roots} from './boot/files.js'
import {enterGlobal, leaveGlobal, whileLoading} from './boot/global.js'
import {explain} from './boot/load.js'
import {appFolder, checkAppOptions, readConfig, type AppOptions} from './boot/options.js'
import {scanControllers, scanMiddleware, scanRoutes} from './boot/scan.js'
import {CandyRoute, type Candy, type CandyRoot} from './candy.js'
import type {WsClient} from './connection/ws-client.js'
import {WsServer} from './connection/ws-server.js'
import {Container} from './decorators/container.js'
import {checkDependencies} from './decorators/dependencies.js'
import type {Class} from './decorators/notes.js'
import {Problems} from './errors.js'
import {authOf} from './handshake/auth.js'
import {MiddlewareRegistry, type ResolveClass} from './handshake/middleware.js'
import {compileTrust, type RequestHead} from './handshake/request.js'
import {Keys, readSecret} from './handshake/secret.js'
import {Sessions} from './handshake/session.js'
import {Tokens} from './handshake/token.js'
import {attach, serverOf, type AttachTarget} from './http/attach.js'
import {Callers, type Caller} from './http/callers.js'
import {Registry} from './http/registry.js'
import {HttpServer} from './http/server.js'
import {siteListener} from './http/site.js'
import {Upgrades} from './http/upgrade.js'
import {guardLogger, jsonLogger} from './log.js'
import {rateLimit} from './middleware/rate-limit.js'
import {checkOptions, checks, defaultLimits, limitsOver} from './options.js'
import {Hub} from './rooms/hub.js'
import type {Middleware, MiddlewareClass, RouteDefinition} from './routing/route.js'
import {callerSource, showSource} from './routing/source.js'

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
  readonly #container = new Container()
  readonly #middleware: MiddlewareRegistry
  readonly #registry: Registry
  readonly #callers: Callers
  readonly #upgrades: Upgrades
  readonly #server: HttpServer
  readonly #attached = new Set<() => void>()
  #listening: Promise<number> | undefined
  #started = false
  #closed: Promise<void> | undefined

  /** Puts the house together, from the ground up. @internal */
  constructor(options: AppOptions, dir: string, problems: Problems) {
    this.#dir = dir
    this.#options = options
    const {origins = [], requireOrigin = false, refuse = 'close', whitelist = 'refuse'} = options
    const log = guardLogger(options.logger ?? jsonLogger())
    const limits = limitsOver(defaultLimits, options.limits)
    const keys = new Keys(problems.collect(() => readSecret(options.secret, dir, log)) ?? '')
    const [sessions, tokens] = [new Sessions(keys), new Tokens(keys)]
    const trust = compileTrust(options.trustProxy ?? false)
    const hub = new Hub<WsClient>()
    const wsServer = new WsServer(hub)

    this.#container.provide(WsServer, wsServer)
    this.#middleware = new MiddlewareRegistry(new Map([['rate-limit', rateLimit()]]), this.#makeMiddleware)
    const middleware = this.#middleware.resolve.bind(this.#middleware)
    this.#registry = new Registry({
      dir,
      container: this.#container,
      defaults: {origins, requireOrigin, refuse, whitelist, limits, middleware},
      isComplete: () => options.strict === true && this.#serving,
    })
    this.Route = new CandyRoute(draft => this.#registry.declare(draft), wsServer)
    this.#callers = new Callers({
      registry: this.#registry,
      hub,
      Route: this.Route,
      sessions,
      tokens,
      trust,
      auth: authOf(options.auth),
      maxUrl: limits.maxUrl,
      log,
    })
    this.#upgrades = new Upgrades({
      log,
      perMessageDeflate: options.perMessageDeflate ?? false,
      find: request => this.#callers.find(request),
      isMine: request => this.#callers.knows(request),
      patience: limits.upgradeTimeout,
    })
    const site = siteListener({
      sessions,
      tokens,
      trust,
      origins,
      folders:
        options.dir === undefined
          ? []
          : roots(dir)
              .map(root => join(root, 'public'))
              .filter(isFolder),
      maxUrl: limits.maxUrl,
      isWebSocket: segments => this.#registry.match(segments) !== undefined,
    })
    this.#server = new HttpServer((request, response) => void site(request, response), this.#upgrades, log)
  }

  /** Where it listens; `undefined` before. */
  get url(): string | undefined {
    return this.#server.url
  }

  /** The route table, in the order of declaration. */
  routes(): readonly RouteDefinition<Candy>[] {
    return this.#registry.routes
  }

  /** Registers a middleware for routes declared from now on. @throws BootError `NOT_A_FUNCTION` */
  use(name: string, middleware: Middleware<Candy> | MiddlewareClass<Candy>): this {
    this.#middleware.register(name, middleware, showSource(callerSource(), this.#dir))
    return this
  }

  /**
   * Serves. Rejects with one clear line if the port is in use; it may then be called again.
   *
   * @throws BootError `INVALID_OPTION`
   */
  async listen(options: ListenOptions = {}): Promise<{port: number; host: string; url: string}> {
    checkOptions(options, {port: checks.port, host: checks.host}, 'listen()', 'listen')
    if (this.#closed) throw new Error('The app is closed: createApp() makes a new one')
    if (this.#listening) throw new Error('The app listens already')
    const {port = 3_000, host = '127.0.0.1'} = options
    this.start()
    this.#listening = this.#server.listen(port, host)
    try {
      return {port: await this.#listening, host, url: this.url!}
    } catch (error) {
      this.#listening = undefined
      throw error
    }
  }

  /**
   * Serves the app's WebSocket routes on a server that there is: upgrades for them are taken before its own listeners
   * hear of them, all others are left to those. Attaching twice is attaching once. `close()` detaches, and leaves the
   * server open.
   *
   * @returns a function that detaches: what was there is restored, and connections live on
   * @throws TypeError if there is no server in the target
   */
  attach(target: AttachTarget): () => void {
    const server = serverOf(target)
    this.#begin()
    const remove = attach(server, this.#upgrades)
    const detach = () => {
      remove()
      this.#attached.delete(detach)
    }
    this.#attached.add(detach)
    return detach
  }

  /**
   * Takes one upgrade request, for people with a dispatcher of their own. After `close()` it answers 503.
   *
   * @returns whether there is a route for it; if not, the socket is untouched and still the caller's to answer
   */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    // A dispatcher runs in an event: what it throws ends the process.
    if (!this.#closed) this.#begin()
    if (!this.#upgrades.isMine(request)) return false
    this.#upgrades.take(request, socket, head)
    return true
  }

  /**
   * Closes every connection with 1012 and waits for its close handlers; what is left at the deadline is cut.
   * Calling it again waits for the same end.
   *
   * @throws BootError `INVALID_OPTION`
   */
  async close(options: CloseOptions = {}): Promise<void> {
    // Before anything is remembered: a wrong option must not leave an app that cannot be closed.
    checkOptions(options, {drain: checks.time}, 'close()', 'close')
    this.#closed ??= this.#close(options.drain ?? 5_000)
    return this.#closed
  }

  async #close(time: number): Promise<void> {
    for (const detach of this.#attached) detach()
    await this.#server.close(time)
    leaveGlobal(this)
    await this.#container.dispose()
  }

  /** Loads and checks everything the options name. @internal */
  async boot(problems: Problems): Promise<void> {
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
    this.#registry.complete(classes, problems)
    problems.throwIfAny()
  }

  /** Makes the singletons; before the first connection. @internal */
  start(): void {
    this.#container.makeSingletons()
  }

  /** On somebody else's server an app begins to serve once, and never after its end. */
  #begin(): void {
    if (this.#closed) throw new Error('The app is closed: createApp() makes a new one')
    if (!this.#started) this.start()
    this.#started = true
  }

  get #serving(): boolean {
    return this.#started || this.#listening !== undefined
  }

  /** A request's endpoint and context, without a socket. @internal */
  caller(head: RequestHead): Caller | number {
    return this.#callers.find(head)
  }

  /** @internal */
  get upgrades(): Upgrades {
    return this.#upgrades
  }

  async #runDeclarer(declare: (root: CandyRoot) => unknown, problems: Problems): Promise<void> {
    try {
      await whileLoading(this, async () => declare(this))
    } catch (error) {
      problems.keep(explain(error, 'createApp()', this.#dir))
    }
  }

  /** A middleware class lives as long as the app: made at first use, by the app's container. */
  readonly #makeMiddleware: ResolveClass = (cls, place) => {
    checkDependencies(cls, this.#container, place, cls.name)
    let instance: {handle(candy: Candy): unknown} | undefined
    return {handle: candy => (instance ??= this.#container.get(cls)).handle(candy)}
  }
}

/**
 * Makes an app: reads the folder's config, loads controllers, routes and middleware, and checks them all.
 *
 * @throws BootError that lists every fault, each with its place and remedy
 */
export async function createApp(options: AppOptions = {}): Promise<App> {
  const source = callerSource()
  const place = source ? showSource(source, process.cwd()) : 'createApp()'
  const problems = new Problems()
  const given = checkAppOptions(options, place, problems)
  const folder = given.dir === undefined ? undefined : problems.collect(() => appFolder(given.dir!, place))
  const config = folder === undefined ? {} : await readConfig(folder, problems)
  const app = new App({...config, ...given, dir: folder}, folder ?? process.cwd(), problems)
  enterGlobal(app)
  try {
    await app.boot(problems)
    return app
  } catch (error) {
    leaveGlobal(app)
    throw error
  }
}
