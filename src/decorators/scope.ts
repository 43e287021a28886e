import {Candy, type ConnectionScope} from '../candy.js'
import {disposeAll, isDisposable, type Container, type Disposable} from './container.js'
import {recipeOf, type Maker, type Recipe} from './recipe.js'

/** A chain: of the few things that a connection has, a map would be larger. */
interface Made {
  readonly token: unknown
  readonly instance: unknown
  readonly before: Made | undefined
}

/**
 * What DI makes for one connection, each class once: a transient service asked for by every message is still one.
 * A container stands behind it only where something is asked for that has no recipe.
 */
export class Scope implements ConnectionScope, Maker {
  readonly candy: Candy
  readonly #app: Container
  #made: Made | undefined
  #owned: Set<Disposable> | undefined
  #container: Container | undefined

  constructor(app: Container, candy: Candy) {
    this.#app = app
    this.candy = candy
  }

  get<T extends object>(cls: abstract new (...args: never[]) => T): T {
    return (this.#find(cls) ?? this.#keep(cls, this.#make(cls))) as T
  }

  shared(token: unknown, make: Recipe): unknown {
    if (this.#container) return this.#container.get(token as abstract new () => object)
    return this.#find(token) ?? this.#keep(token, make(this))
  }

  /** It is disposed with the connection, if it can be. */
  owns(made: object): void {
    if (!isDisposable(made)) return
    if (this.#container) this.#container.owns(made)
    else (this.#owned ??= new Set()).add(made)
  }

  dispose(): Promise<void> | undefined {
    if (this.#container) return this.#container.dispose()
    const owned = this.#owned
    this.#owned = undefined
    return owned && disposeAll(owned)
  }

  #find(token: unknown): unknown {
    for (let at = this.#made; at; at = at.before) if (at.token === token) return at.instance
    return undefined
  }

  #keep(token: unknown, instance: unknown): unknown {
    this.#made = {token, instance, before: this.#made}
    return instance
  }

  #make(cls: abstract new (...args: never[]) => object): object {
    const recipe = this.#container ? undefined : recipeOf(cls, this.#app)
    return recipe ? (recipe(this) as object) : this.#own().get(cls)
  }

  /** It knows what was made without it, so that there is one of each. */
  #own(): Container {
    if (this.#container) return this.#container
    const container = this.#app.child()
    container.provide(Candy, this.candy)
    for (let at = this.#made; at; at = at.before) container.keep(at.token, at.instance)
    for (const made of this.#owned ?? []) container.owns(made)
    this.#owned = undefined
    return (this.#container = container)
  }
}
