import type {Candy} from '../candy.js'
import {compile} from '../decorators/compile.js'
import type {CompiledHandler} from '../decorators/compiled-handler.js'
import type {Container} from '../decorators/container.js'
import {declareMessages} from '../decorators/functional.js'
import type {Class} from '../decorators/notes.js'
import type {Describable} from '../describe/describe.js'
import {bootError, Problems} from '../errors.js'
import type {Pattern} from '../routing/pattern.js'
import {defineRoute, type RouteDefinition, type RouteDraft, type RouteKind} from '../routing/route.js'
import {showSource} from '../routing/source.js'
import {Table, type Match} from '../routing/table.js'
import type {Traffic} from '../telemetry/traffic.js'
import {endpointOf, type Endpoint, type EndpointDefaults} from './endpoint.js'

export interface RegistryOptions {
  readonly dir: string
  readonly container: Container
  readonly defaults: EndpointDefaults
  /** Whether a route may no longer be added. */
  readonly isComplete: () => boolean
}

/** How a request asks for a route: as an upgrade, or by its HTTP method. `page` and `get` share GET, and so share paths. */
export type Way = 'upgrade' | HttpWay
export type HttpWay = 'GET' | 'POST'

const ways: Readonly<Record<RouteKind, Way>> = {ws: 'upgrade', page: 'GET', get: 'GET', post: 'POST'}

function tablesOf<T>(): Readonly<Record<Way, Table<T>>> {
  return {upgrade: new Table<T>(), GET: new Table<T>(), POST: new Table<T>()}
}

const noMessages = {takes: [], sends: []}

/** The app's routes, functional and compiled from classes. During boot they are collected, then checked all at once. */
export class Registry {
  readonly #options: RegistryOptions
  readonly #tables = tablesOf<Endpoint>()
  readonly #endpoints: Endpoint[] = []
  /** The paths that are taken, also by routes that are faulty in other ways, so that duplicates are reported too. */
  readonly #claims = tablesOf<RouteDefinition<Candy>>()
  #noted: RouteDraft<Candy>[] | undefined = []
  readonly #remarks = new Set<string>()

  constructor(options: RegistryOptions) {
    this.#options = options
  }

  /** In the order they were added. */
  get routes(): readonly RouteDefinition<Candy>[] {
    return Object.freeze(this.#endpoints.map(({route}) => route))
  }

  /** What is no fault, and good to know; for `candy check`. */
  get remarks(): readonly string[] {
    return [...this.#remarks]
  }

  /** What is known of each route, for whoever writes it down. */
  get described(): readonly Describable[] {
    return this.#endpoints.map(({route, whitelist, handler, learned}) => {
      const {contract = learned.contract} = handler as CompiledHandler
      return {route, whitelist, contract: route.kind === 'ws' ? contract : noMessages}
    })
  }

  /** What goes through each WebSocket route. */
  *measured(): Generator<{path: string; traffic: Traffic}> {
    for (const {route, traffic} of this.#endpoints) if (route.kind === 'ws') yield {path: route.path, traffic}
  }

  match(way: Way, segments: readonly string[]): Match<Endpoint> | undefined {
    return this.#tables[way].match(segments)
  }

  /** Takes what a chain declares. @throws BootError once the app has booted */
  declare(draft: RouteDraft<Candy>): void {
    if (this.#noted) return void this.#noted.push(draft)
    const {dir, isComplete} = this.#options
    if (isComplete())
      throw bootError(
        'INVALID_OPTION',
        showSource(draft.source, dir),
        `the route ${String(draft.path)} comes after the app listens`,
        'Declare it before listen(), or leave out strict: true.',
      )
    this.#addFunction(draft, false)
  }

  /** What serves a route of Candy's own, which stands in no table. @throws BootError */
  unlisted(path: string, draft: Pick<RouteDraft<Candy>, 'handler' | 'options'>): Endpoint {
    const {dir, defaults} = this.#options
    const given = {...draft, kind: 'page', use: [], auth: false, source: undefined} as const
    // No pattern may say what is below /_candy.
    const {route} = defineRoute<Candy>({...given, path: '/'}, dir)
    return endpointOf({...route, path, source: path}, defaults)
  }

  /** Compiles the controllers and checks everything noted; from now on a route is checked where it is added. */
  complete(controllers: Iterable<Class>, problems: Problems): void {
    const {dir, container, defaults} = this.#options
    const noted = this.#noted ?? []
    this.#noted = undefined
    const context = {container, dir, remark: (text: string) => this.#remarks.add(text), ...defaults}
    for (const cls of controllers) problems.collect(() => this.#add(compile(cls, context, problems), true))
    for (const draft of noted) problems.collect(() => this.#addFunction(draft, true))
  }

  #addFunction(draft: RouteDraft<Candy>, booting: boolean): void {
    const {dir, defaults} = this.#options
    this.#add(declareMessages(draft, {dir, whitelist: defaults.whitelist}), booting)
  }

  /** @param booting whether a faulty route still claims its paths, so that boot reports all faults at once */
  #add(draft: RouteDraft<Candy>, booting: boolean): void {
    const {dir, defaults} = this.#options
    const {requireOrigin, refuse, whitelist} = defaults
    const {route, pattern} = defineRoute(draft, dir, {requireOrigin, refuse, whitelist})
    const problems = new Problems()
    if (booting) problems.collect(() => this.#claim(pattern, route))
    const endpoint = problems.collect(() => endpointOf(route, defaults))
    problems.throwIfAny()
    if (!booting) this.#claim(pattern, route)
    this.#tables[ways[route.kind]].add(pattern, endpoint!)
    if (defaults.isMeasured) endpoint!.traffic.measure()
    this.#endpoints.push(endpoint!)
  }

  #claim(pattern: Pattern, route: RouteDefinition<Candy>): void {
    const taken = this.#claims[ways[route.kind]].add(pattern, route)
    const asWhat = taken && taken.kind !== route.kind ? `the ${taken.kind} ` : ''
    if (taken)
      throw bootError(
        'DUPLICATE_ROUTE',
        route.source,
        `${asWhat && `the ${route.kind} `}${route.path} matches the same addresses as ${asWhat}${taken.path} at ${taken.source}`,
        'Keep one of the two, or give one another path.',
      )
  }
}
