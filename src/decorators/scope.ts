import {Candy, type ConnectionScope} from '../candy.js'
import {disposeAll, isDisposable, type Container, type Disposable} from './container.js'
import {recipeOf, type Maker, type Recipe} from './recipe.js'

/**
 * What DI makes for one connection, each class once: a transient service asked for by every message is still one.
 * A container stands behind it only where something is asked for that has no recipe.
 */
export class Scope implements ConnectionScope, Maker {
  readonly candy: Candy
  readonly #app: Container
  #made: Map<unknown, unknown> | undefined
  #owned: Set<Disposable> | undefined
  #container: Container | undefined

  constructor(app: Container, candy: Candy) {
    this.#app = app
    this.candy = candy
  }

  get<T extends object>(cls: abstract new (...args: never[]) => T): T {
    this.#made ??= new Map()
    let made = this.#made.get(cls)
    if (!made) this.#made.set(cls, (made = this.#make(cls)))
    return made as T
  }

  shared(token: unknown, make: Recipe): unknown {
    if (this.#container) return this.#container.get(token as abstract new () => object)
    this.#made ??= new Map()
    let made = this.#made.get(token)
    if (!made) this.#made.set(token, (made = make(this)))
    return made
  }

  /** It is disposed with the connection, if it can be. */
  owns(made: object): void {
    if (!isDisposable(made)) return
    if (this.#container) this.#container.owns(made)
    else (this.#owned ??= new Set()).add(made)
  }

  async dispose(): Promise<void> {
    if (this.#container) return this.#container.dispose()
    const owned = this.#owned ?? []
    this.#owned = undefined
    await disposeAll(owned)
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
    for (const [token, made] of this.#made ?? []) container.keep(token, made)
    for (const made of this.#owned ?? []) container.owns(made)
    this.#owned = undefined
    return (this.#container = container)
  }
}
