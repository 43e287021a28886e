import 'reflect-metadata'
import {container as root, Lifecycle, type DependencyContainer} from 'tsyringe'
import {typeInfo} from 'tsyringe/dist/cjs/dependency-container.js'
import type {Class, InjectionToken} from './notes.js'

/** What tsyringe keeps of a registration. Its registry is private; this file is the wall around it. */
export interface Registration {
  readonly provider: {
    readonly useClass?: Class
    readonly useToken?: InjectionToken
    readonly useValue?: unknown
  }
  readonly options: {readonly lifecycle: Lifecycle}
}

interface Internals {
  readonly parent?: Internals
  readonly _registry: {
    has(token: unknown): boolean
    getAll(token: unknown): (Registration & {instance?: unknown})[]
  }
  readonly disposables: Set<Disposable>
}

export interface Disposable {
  dispose(): unknown
}

/** What a constructor parameter asks for. `token` is `undefined` where the compiler left nothing. */
export interface Dependency {
  readonly token: unknown
  readonly optional: boolean
  /** Just the token: neither optional, nor all of them, nor transformed. */
  readonly plain: boolean
  /** `@injectAll()`: everything registered for the token. */
  readonly multiple: boolean
}

export type Lifetime = 'singleton' | 'connection' | 'transient'

/** A child of tsyringe's container, so that apps of one process do not meet. */
export class Container {
  readonly #container: DependencyContainer
  readonly #singletons: InjectionToken[] = []

  constructor(parent: DependencyContainer = root) {
    this.#container = parent.createChildContainer()
  }

  provide<T extends object>(cls: abstract new (...args: never[]) => T, instance: T): void {
    this.#container.registerInstance(cls as never, instance)
  }

  child(): Container {
    return new Container(this.#container)
  }

  get<T extends object>(cls: abstract new (...args: never[]) => T): T {
    return this.#container.resolve(cls as unknown as new () => T)
  }

  has(token: InjectionToken): boolean {
    return this.#container.isRegistered(token as string, true)
  }

  /** What a token resolves to. */
  registration(token: InjectionToken): Registration | undefined {
    return this.registrations(token).at(-1)
  }

  /** Everything registered for a token, nearest container only, as tsyringe resolves it. */
  registrations(token: InjectionToken): readonly Registration[] {
    for (let at: Internals | undefined = this.#internals; at; at = at.parent) {
      if (at._registry.has(token)) return at._registry.getAll(token)
    }
    return []
  }

  /**
   * Brings what is registered on the root into this container, so that each app has its own singletons (an instance
   * first resolved through a child would die with it, microsoft/tsyringe#237), and each connection its own scoped ones.
   */
  adopt(token: InjectionToken): void {
    if (this.#internals._registry.has(token)) return
    const found = this.registrations(token)
    if (found.every(registration => lifetimeOf(registration) === 'transient')) return
    for (const {provider, options} of found)
      this.#container.register(token as never, provider as never, {lifecycle: options.lifecycle})
    if (found.some(registration => lifetimeOf(registration) === 'singleton')) this.#singletons.push(token)
  }

  /** Makes the app's singletons, before there is a child that could make and so dispose them. */
  makeSingletons(): void {
    for (const token of this.#singletons) this.#container.resolveAll(token as never)
  }

  owns(made: Disposable): void {
    this.#internals.disposables.add(made)
  }

  /** Takes what a token of this very container stands for, if that is made once. */
  keep(token: unknown, instance: unknown): void {
    const registry = this.#internals._registry
    const registration = registry.has(token) ? registry.getAll(token).at(-1) : undefined
    if (registration && lifetimeOf(registration) === 'connection') registration.instance = instance
  }

  /** Disposes what this container made, each once, whatever another one throws. */
  async dispose(): Promise<void> {
    const made = [...this.#internals.disposables]
    this.#internals.disposables.clear()
    await this.#container.dispose()
    await disposeAll(made)
  }

  get #internals(): Internals {
    return this.#container as unknown as Internals
  }
}

/** As tsyringe tells it. */
export function isDisposable(made: object): made is Disposable {
  const {dispose} = made as {dispose?: unknown}
  return typeof dispose === 'function' && dispose.length === 0
}

/** @throws the first error, when all of them are done */
export async function disposeAll(made: Iterable<Disposable>): Promise<void> {
  const results = await Promise.allSettled(Array.from(made, async one => one.dispose()))
  const failed = results.find(result => result.status === 'rejected')
  if (failed) throw failed.reason
}

export function lifetimeOf(registration: Registration | undefined): Lifetime {
  switch (registration?.options.lifecycle) {
    case Lifecycle.Singleton:
      return 'singleton'
    case Lifecycle.ContainerScoped:
      return 'connection'
    default:
      return 'transient'
  }
}

/** Whether tsyringe knows what a class takes. */
export function isKnown(cls: Class): boolean {
  return typeInfo.has(cls)
}

/** Whether DI can make it: registered, or decorated with `@injectable()` or `@singleton()`. */
export function isInjectable(cls: Class, container: Container): boolean {
  return typeInfo.has(cls) || container.has(cls)
}

/** Makes a class known to tsyringe, as `@injectable()` would; `inject` says what the compiler did not. */
export function makeInjectable(cls: Class, inject: readonly InjectionToken[] | undefined): void {
  if (inject) typeInfo.set(cls, inject)
  else if (!typeInfo.has(cls)) typeInfo.set(cls, dependencyInfo(cls))
}

/**
 * What a constructor takes, in order.
 *
 * @returns `undefined` if it takes something and nothing tells what
 */
export function dependenciesOf(cls: Class): readonly Dependency[] | undefined {
  const info = typeInfo.get(cls) ?? dependencyInfo(cls)
  if (info.length < cls.length) return undefined
  return info.map(entry => {
    const described = entry as {token?: unknown; isOptional?: boolean; multiple?: boolean} | undefined
    const isDescriptor = typeof described === 'object' && described !== null && 'token' in described
    if (!isDescriptor) return {token: entry, optional: false, multiple: false, plain: true}
    const [optional, multiple] = [described.isOptional === true, described.multiple === true]
    return {
      token: described.token,
      optional,
      multiple,
      plain: !optional && !multiple && !('transform' in described),
    }
  })
}

/** `design:paramtypes` with what `@inject()` put over it, as tsyringe reads them. */
function dependencyInfo(cls: Class): readonly unknown[] {
  const types = (Reflect.getMetadata('design:paramtypes', cls) as unknown[] | undefined) ?? []
  // An inherited constructor keeps what its own class injects.
  const read = Reflect.hasOwnMetadata('design:paramtypes', cls) ? Reflect.getOwnMetadata : Reflect.getMetadata
  const tokens = (read('injectionTokens', cls) as Record<string, unknown> | undefined) ?? {}
  const info = [...types]
  for (const [index, token] of Object.entries(tokens)) info[Number(index)] = token
  return info
}

/** The class behind `delay(() => Class)`, which is resolved when first used, so it closes no circle. */
export function delayedClass(token: unknown): Class | undefined {
  if (typeof token !== 'object' || token === null || !('createProxy' in token)) return undefined
  return (token as unknown as {wrap(): Class}).wrap()
}
