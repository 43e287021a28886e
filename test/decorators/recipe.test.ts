import {Candy, Lifecycle} from 'candy-ws'
import {Container, makeInjectable} from '#candy/decorators/container.js'
import {recipeOf} from '#candy/decorators/recipe.js'
import {Scope} from '#candy/decorators/scope.js'
import * as fc from 'fast-check'
import {container as root} from 'tsyringe'
import {describe, expect, it} from 'vitest'

const disposed: object[] = []

/** What the classes of a graph have in common: what they were given, and whether they are to be disposed. */
class Service {
  readonly given: readonly unknown[]
  constructor(...given: readonly unknown[]) {
    this.given = given
  }
}
class Disposed extends Service {
  dispose() {
    disposed.push(this)
  }
}
/** Not what tsyringe calls disposable. */
class Argued extends Service {
  dispose(_why: string) {
    disposed.push(this)
  }
}

type ServiceClass = typeof Service
type Token = ServiceClass | string

const kinds = [
  'bare',
  'transient',
  'scoped',
  'singleton',
  'value',
  'alias',
  'scoped alias',
  'named',
  'scoped name',
  'resolution',
  'factory',
] as const

interface Node {
  readonly kind: (typeof kinds)[number]
  readonly base: ServiceClass
  /** Of those before it, by remainder. */
  readonly takes: readonly number[]
  readonly candy: boolean
}

const node: fc.Arbitrary<Node> = fc.record({
  kind: fc.oneof(
    {arbitrary: fc.constantFrom(...kinds.slice(0, 9)), weight: 20},
    fc.constantFrom('resolution' as const, 'factory' as const),
  ),
  base: fc.constantFrom(Service, Disposed, Argued),
  takes: fc.array(fc.nat(), {maxLength: 4}),
  candy: fc.boolean(),
})

/** Registers a graph in an app's container of its own. */
function build(nodes: readonly Node[]) {
  const registry = root.createChildContainer()
  const tokens: Token[] = []
  const outlives: boolean[] = []
  const needsContainer: boolean[] = []
  nodes.forEach(({kind, base, takes, candy}, index) => {
    const lasting = kind === 'singleton'
    const before = takes
      .map(take => take % Math.max(index, 1))
      .filter(at => at < index && (!lasting || outlives[at]))
    const cls = {[`S${index}`]: class extends base {}}[`S${index}`]!
    const takesCandy: (Token | typeof Candy)[] = candy && !lasting ? [Candy] : []
    makeInjectable(cls, [...takesCandy, ...before.map(at => tokens[at]!)])
    const name = `name ${index}`
    const lifecycle = kind.startsWith('scoped') ? Lifecycle.ContainerScoped : Lifecycle.Transient
    const aliased = tokens[(takes[0] ?? 0) % Math.max(index, 1)] ?? cls
    const register: Record<Node['kind'], () => Token> = {
      bare: () => cls,
      transient: () => (registry.register(cls, {useClass: cls}), cls),
      scoped: () => (registry.register(cls, {useClass: cls}, {lifecycle}), cls),
      singleton: () => (registry.register(cls, {useClass: cls}, {lifecycle: Lifecycle.Singleton}), cls),
      value: () => (registry.register(name, {useValue: new cls()}), name),
      alias: () => (registry.register(name, {useToken: aliased}), name),
      'scoped alias': () => (registry.register(name, {useToken: aliased}, {lifecycle}), name),
      named: () => (registry.register(name, {useClass: cls}), name),
      'scoped name': () => (registry.register(name, {useClass: cls}, {lifecycle}), name),
      resolution: () => (
        registry.register(cls, {useClass: cls}, {lifecycle: Lifecycle.ResolutionScoped}),
        cls
      ),
      factory: () => (registry.register(name, {useFactory: given => new cls(given.resolve(cls))}), name),
    }
    tokens.push(register[kind]())
    outlives.push(lasting || kind === 'value')
    const below = kind.endsWith('alias')
      ? [(takes[0] ?? 0) % Math.max(index, 1)]
      : kind === 'value'
        ? []
        : before
    needsContainer.push(
      kind === 'resolution' || kind === 'factory' || (!lasting && below.some(at => needsContainer[at])),
    )
  })
  const app = new Container(registry)
  for (const token of tokens) app.adopt(token)
  app.makeSingletons()
  return {app, tokens, needsContainer}
}

/** As every connection had it before there were recipes. */
class Reference {
  readonly #container: Container
  readonly #made = new Map<object, object>()
  constructor(app: Container, candy: Candy) {
    this.#container = app.child()
    this.#container.provide(Candy, candy)
  }
  get(cls: ServiceClass): object {
    if (!this.#made.has(cls)) this.#made.set(cls, this.#container.get(cls))
    return this.#made.get(cls)!
  }
  dispose() {
    return this.#container.dispose()
  }
}

/** Who is who: the same object has the same number wherever it stands. */
function drawn(objects: readonly unknown[], numbers = new Map<unknown, number>()): unknown {
  return objects.map(object => {
    const number = numbers.get(object)
    if (number !== undefined) return number
    numbers.set(object, numbers.size)
    return object instanceof Service ? [object.constructor.name, drawn(object.given, numbers)] : 'Candy'
  })
}

async function outcome(scope: Reference | Scope, asked: readonly ServiceClass[]) {
  const made = asked.map(cls => scope.get(cls))
  const numbers = new Map<unknown, number>()
  const graph = drawn(made, numbers)
  disposed.length = 0
  await scope.dispose()
  return {graph, disposed: disposed.map(one => [one.constructor.name, numbers.get(one)])}
}

describe('what DI makes for a connection', () => {
  it('is what tsyringe makes: the same classes, shared and disposed in the same way', async () => {
    let recipes = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(node, {minLength: 1, maxLength: 9}),
        fc.array(fc.nat(), {minLength: 1, maxLength: 4}),
        async (nodes, picks) => {
          const {app, tokens, needsContainer} = build(nodes)
          const asked = picks.flatMap(pick => {
            const token = tokens.at(-1 - (pick % tokens.length))!
            return typeof token === 'string' ? [] : [token]
          })
          const candy = {} as Candy
          const expected = await outcome(new Reference(app, candy), asked)
          expect(await outcome(new Scope(app, candy), asked)).toEqual(expected)
          for (const cls of asked) {
            const isSimple = !needsContainer[tokens.indexOf(cls)]
            if (isSimple) recipes += 1
            expect(recipeOf(cls, app) !== undefined).toBe(isSimple)
          }
        },
      ),
      {numRuns: 1_000},
    )
    expect(recipes).toBeGreaterThan(500)
  })
})
