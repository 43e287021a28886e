import 'reflect-metadata'
import {container as root, Lifecycle, type DependencyContainer} from 'tsyringe'
import {typeInfo} from 'tsyringe/dist/cjs/dependency-container.js'
import type {Class, InjectionToken} from './notes.js'

/** What tsyringe keeps of a registration. Its registry is private; this file is the wall around it. */
interface Registration {
  readonly provider: {readonly useClass?: Class; readonly useToken?: InjectionToken}
  readonly options: {readonly lifecycle: Lifecycle}
}

interface Internals {
  readonly parent?: Internals
  readonly _registry: {has(token: unknown): boolean; get(token: unknown): Registration | undefined}
  readonly disposables: Set<{dispose(): unknown}>
}

/** What a constructor parameter asks for. `token` is `undefined` where the compiler left nothing. */
export interface Dependency {
  readonly token: unknown
  readonly optional: boolean
}

export type Lifetime = 'singleton' | 'connection' | 'transient'

/** A child of tsyringe's container, so that apps of one process do not meet. */
export class Container {
  readonly #container: DependencyContainer
  readonly #singletons: Class[] = []

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

  registration(token: InjectionToken): Registration | undefined {
    for (let at: Internals | undefined = this.#internals; at; at = at.parent) {
      if (at._registry.has(token)) return at._registry.get(token)
    }
    return undefined
  }

  /**
   * Brings a class registered on the root into this container, so that each app has its own singletons (an instance
   * first resolved through a child would die with it, microsoft/tsyringe#237), and each connection its own scoped ones.
   */
  adopt(cls: Class, lifetime: Lifetime): void {
    if (this.#internals._registry.has(cls)) return
    if (lifetime === 'singleton') this.#singletons.push(cls)
    const lifecycle = lifetime === 'singleton' ? Lifecycle.Singleton : Lifecycle.ContainerScoped
    this.#container.register(cls as never, {useClass: cls as never}, {lifecycle})
  }

  /** Makes the app's singletons, before there is a child that could make and so dispose them. */
  makeSingletons(): void {
    for (const cls of this.#singletons) this.get(cls)
  }

  /** Disposes what this container made, each once, whatever another one throws. */
  async dispose(): Promise<void> {
    const made = [...this.#internals.disposables]
    this.#internals.disposables.clear()
    await this.#container.dispose()
    const results = await Promise.allSettled(made.map(async one => one.dispose()))
    const failed = results.find(result => result.status === 'rejected')
    if (failed) throw failed.reason
  }

  get #internals(): Internals {
    return this.#container as unknown as Internals
  }
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
    const described = entry as {token?: unknown; isOptional?: boolean} | undefined
    const isDescriptor = typeof described === 'object' && described !== null && 'token' in described
    return isDescriptor
      ? {token: described.token, optional: described.isOptional === true}
      : {token: entry, optional: false}
  })
}

/** `design:paramtypes` with what `@inject()` put over it, as tsyringe reads them. */
function dependencyInfo(cls: Class): readonly unknown[] {
  const types = (Reflect.getMetadata('design:paramtypes', cls) as unknown[] | undefined) ?? []
  const tokens = (Reflect.getOwnMetadata('injectionTokens', cls) as Record<string, unknown> | undefined) ?? {}
  const info = [...types]
  for (const [index, token] of Object.entries(tokens)) info[Number(index)] = token
  return info
}

/** `delay(() => Class)`: resolved when first used, so it closes no circle. */
export function isDelayed(token: unknown): boolean {
  return typeof token === 'object' && token !== null && 'createProxy' in token
}
