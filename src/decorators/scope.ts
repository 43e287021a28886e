import {Candy, type ConnectionScope} from '../candy.js'
import type {Container} from './container.js'

/** What DI makes for one connection, each class once: a transient service asked for by every message is still one. */
export class Scope implements ConnectionScope {
  readonly #container: Container
  readonly #made = new Map<object, object>()

  constructor(app: Container, candy: Candy) {
    this.#container = app.child()
    this.#container.provide(Candy, candy)
  }

  get<T extends object>(cls: abstract new (...args: never[]) => T): T {
    let made = this.#made.get(cls)
    if (!made) this.#made.set(cls, (made = this.#container.get(cls)))
    return made as T
  }

  dispose(): Promise<void> {
    return this.#container.dispose()
  }
}
