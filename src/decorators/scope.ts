import {Candy, type ConnectionScope} from '../candy.js'
import {dependenciesOf, lifetimeOf, type Container, type Disposable} from './container.js'
import type {Class} from './notes.js'

/**
 * What DI makes for one connection, each class once: a transient service asked for by every message is still one.
 * The container behind it is made when something needs it: a controller that takes nothing needs none.
 */
export class Scope implements ConnectionScope {
  readonly #app: Container
  readonly #candy: Candy
  #made: Map<object, object> | undefined
  #container: Container | undefined

  constructor(app: Container, candy: Candy) {
    this.#app = app
    this.#candy = candy
  }

  get<T extends object>(cls: abstract new (...args: never[]) => T): T {
    this.#made ??= new Map()
    let made = this.#made.get(cls)
    if (!made) this.#made.set(cls, (made = this.#own().get(cls)))
    return made as T
  }

  /** Takes an instance that no container knows: it is disposed with the connection, if it can be. */
  owns(made: object): void {
    if (typeof (made as {dispose?: unknown}).dispose === 'function') this.#own().owns(made as Disposable)
  }

  async dispose(): Promise<void> {
    await this.#container?.dispose()
  }

  #own(): Container {
    if (!this.#container) {
      this.#container = this.#app.child()
      this.#container.provide(Candy, this.#candy)
    }
    return this.#container
  }
}

/**
 * How to make a class without a container: where it takes nothing but `Candy` and the app's singletons, all a container
 * would add is its cost, which is a third of a connection's memory.
 *
 * @returns `undefined` if it needs a container
 */
export function directly(cls: Class, app: Container): ((candy: Candy) => object) | undefined {
  if (app.registration(cls)) return undefined
  const dependencies = dependenciesOf(cls) ?? []
  const simple = dependencies.every(({token, plain}) => plain && (token === Candy || isSingleton(token, app)))
  if (!simple) return undefined
  const shared = dependencies.map(({token}) => (token === Candy ? undefined : app.get(token as Class)))
  const make = cls as unknown as new (...args: readonly unknown[]) => object
  return candy => {
    const made = new make(...shared.map(one => one ?? candy))
    candy.scope!.owns(made)
    return made
  }
}

function isSingleton(token: unknown, app: Container): token is Class {
  return typeof token === 'function' && lifetimeOf(app.registration(token as Class)) === 'singleton'
}
