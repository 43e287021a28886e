import {Candy} from '../candy.js'
import {dependenciesOf, isKnown, lifetimeOf, type Container} from './container.js'
import {Lifecycle} from './injection.js'
import {isClass, type Class} from './notes.js'

/** What a recipe needs of the connection that it makes something for. */
export interface Maker {
  readonly candy: Candy
  /** What a token stands for on this connection: made by the first who asks. */
  shared(token: unknown, make: Recipe): unknown
  /** Takes what was made: it is disposed with the connection, if it can be. */
  owns(made: object): void
}

/** Makes what a token stands for, without a container. */
export type Recipe = (maker: Maker) => unknown

const known = new WeakMap<Container, Map<unknown, Recipe | undefined>>()

/**
 * How to make a class as tsyringe would from a container of the connection, decided once: what is one per app is fetched
 * now, what is one per connection or anew for each is made by closures. The container would be a third of a
 * connection's memory.
 *
 * @returns `undefined` if only tsyringe can: factories, lists, transforms, `delay()`, what is optional or one per resolution
 */
export function recipeOf(cls: Class, app: Container): Recipe | undefined {
  let recipes = known.get(app)
  if (!recipes) known.set(app, (recipes = new Map()))
  if (!recipes.has(cls)) recipes.set(cls, resolving(cls, app, []))
  return recipes.get(cls)
}

/** @param chain the tokens above, none of which may come again */
function resolving(token: unknown, app: Container, chain: readonly unknown[]): Recipe | undefined {
  if (token === Candy) return ({candy}) => candy
  const isToken = isClass(token) || typeof token === 'string' || typeof token === 'symbol'
  if (!isToken || chain.includes(token)) return undefined
  const below = [...chain, token]
  const registration = app.registration(token)
  if (!registration) return isClass(token) ? constructing(token, app, below) : undefined
  if (registration.options.lifecycle === Lifecycle.ResolutionScoped) return undefined
  const lifetime = lifetimeOf(registration)
  if (lifetime === 'singleton') return always(app.get(token as Class))
  const {useClass, useToken, useValue} = registration.provider
  if (useValue !== undefined && useValue !== null) return always(useValue)
  const make = useToken ? resolving(useToken, app, below) : useClass && constructing(useClass, app, below)
  return make && lifetime === 'connection' ? maker => maker.shared(token, make) : make
}

function always(value: unknown): Recipe {
  return () => value
}

function constructing(cls: Class, app: Container, chain: readonly unknown[]): Recipe | undefined {
  const dependencies = isKnown(cls) || cls.length === 0 ? dependenciesOf(cls) : undefined
  if (!dependencies?.every(({plain}) => plain)) return undefined
  const recipes: Recipe[] = []
  for (const {token} of dependencies) {
    const recipe = resolving(token, app, chain)
    if (!recipe) return undefined
    recipes.push(recipe)
  }
  const make = cls as unknown as new (...args: readonly unknown[]) => object
  return maker => {
    const made = new make(...recipes.map(recipe => recipe(maker)))
    maker.owns(made)
    return made
  }
}
