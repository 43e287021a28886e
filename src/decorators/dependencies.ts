import {Candy} from '../candy.js'
import {bootError, Problems} from '../errors.js'
import {
  delayedClass,
  dependenciesOf,
  isInjectable,
  lifetimeOf,
  type Container,
  type Dependency,
  type Registration,
} from './container.js'
import {Lifecycle} from './injection.js'
import {isClass, type Class, type InjectionToken} from './notes.js'

/**
 * Walks what a class needs, and what that needs, before anything is made: every missing token and every singleton
 * that would keep a connection is found at boot. Singletons and scoped classes met on the way become the app's own.
 *
 * @param keeper the name of what outlives a connection and asks, if something does
 * @throws BootError naming the chain
 */
export function checkDependencies(cls: Class, container: Container, place: string, keeper?: string): void {
  const registration = container.registration(cls)
  const done = {kept: new Set<Class>(), free: new Set<Class>()}
  container.adopt(cls)
  follow(registration ?? ownClass(cls), {cls, container, place, keeper, chain: [cls], done})
}

interface Step {
  readonly cls: Class
  readonly container: Container
  readonly place: string
  readonly keeper: string | undefined
  readonly chain: readonly Class[]
  /** Classes walked, with and without a keeper above them: a diamond is walked once. */
  readonly done: {readonly kept: Set<Class>; readonly free: Set<Class>}
}

function walk(step: Step): void {
  const {cls, place} = step
  const done = step.keeper === undefined ? step.done.free : step.done.kept
  if (done.has(cls)) return
  const dependencies = dependenciesOf(cls)
  if (!dependencies) throw noMetadata(`the constructor of ${cls.name}`, place)
  const problems = new Problems()
  dependencies.forEach((dependency, index) => {
    const {token, optional} = dependency
    const delayed = delayedClass(token)
    if (delayed && step.chain.includes(delayed)) return
    if (optional && !isClass(token) && !step.container.has(token as InjectionToken)) return
    problems.collect(() => checkToken(delayed ? {...dependency, token: delayed} : dependency, index, step))
  })
  // A faulty one too: its fault is told once, by the first chain that leads there.
  done.add(cls)
  problems.throwIfAny()
}

function checkToken({token, multiple}: Dependency, index: number, step: Step): void {
  const {cls, container, place} = step
  if (token === undefined)
    throw circularImport(`parameter ${index + 1} of the constructor of ${cls.name}`, place)
  if (typeof token === 'string' || typeof token === 'symbol') return checkRegistered(token, multiple, step)
  if (!isClass(token)) throw erased(`parameter ${index + 1} of the constructor of ${cls.name}`, place)
  if (token === Candy) return refuseCaptive('Candy', step)
  if (step.chain.includes(token))
    throw bootError(
      'CIRCULAR_IMPORT',
      place,
      `${chainTo(step, token.name)} is a circle`,
      'Break it with @inject(delay(() => Class)).',
    )
  if (token === Object || token === (Function as unknown))
    throw erased(`parameter ${index + 1} of the constructor of ${cls.name}`, place)
  enter(token, step, isInjectable(token, container) || token.length === 0)
}

function checkRegistered(token: string | symbol, multiple: boolean, step: Step): void {
  const registrations = step.container.registrations(token)
  if (registrations.length === 0)
    throw bootError(
      'MISSING_TOKEN',
      step.place,
      `nothing is registered for '${String(token)}', which ${nameChain(step)} needs`,
      `Register it before the app is made: import {container} from 'tsyringe', container.register('${String(token)}', {useValue: ...}).`,
    )
  step.container.adopt(token)
  for (const registration of multiple ? registrations : registrations.slice(-1)) {
    if (lifetimeOf(registration) === 'connection') refuseCaptive(String(token), step)
    const {useClass, useToken} = registration.provider
    const made = useClass && {...step, cls: useClass, chain: [...step.chain, useClass]}
    if (made) follow(registration, made, String(token))
    else if (isClass(useToken)) enter(useToken, step, true)
    else if (useToken !== undefined) checkRegistered(useToken, false, step)
  }
}

/** What a compiler emits for a value: nobody would make one, or decorate its class. */
const values: ReadonlySet<unknown> = new Set([String, Number, Boolean, Symbol, BigInt, Array, Date, Promise])

function enter(cls: Class, step: Step, known: boolean): void {
  const {container, place, chain} = step
  if (!known && values.has(cls))
    throw bootError(
      'MISSING_TOKEN',
      place,
      `${chainTo(step, cls.name)}: a ${cls.name} is a value, which no class says how to make`,
      "A value needs a token: @inject('name'), and container.register('name', {useValue: ...}) before the app is made; import {container} from 'tsyringe'.",
    )
  if (!known)
    throw bootError(
      'MISSING_TOKEN',
      place,
      `${chainTo(step, cls.name)}: ${cls.name} is not injectable`,
      `Decorate it: @injectable() export class ${cls.name}.`,
    )
  const registration = container.registration(cls)
  if (lifetimeOf(registration) === 'connection') refuseCaptive(cls.name, step)
  container.adopt(cls)
  follow(registration ?? ownClass(cls), {...step, cls, chain: [...chain, cls]})
}

/** What a registration makes needs, too; a value or a factory is its author's. */
function follow({provider, options}: Registration, step: Step, name = step.cls.name): void {
  const keeper = lifetimeOf({provider, options}) === 'singleton' ? name : step.keeper
  const {useClass, useToken} = provider
  if (useClass) walk({...step, cls: useClass, keeper})
  else if (isClass(useToken)) enter(useToken, {...step, keeper}, true)
  else if (useToken !== undefined) checkRegistered(useToken, false, {...step, keeper})
}

/** How tsyringe makes a class that is not registered. */
function ownClass(cls: Class): Registration {
  return {provider: {useClass: cls}, options: {lifecycle: Lifecycle.Transient}}
}

function refuseCaptive(name: string, step: Step): void {
  if (step.keeper === undefined) return
  throw bootError(
    'CAPTIVE_DEPENDENCY',
    step.place,
    `${chainTo(step, name)}: ${step.keeper} outlives a connection and would keep the first one's ${name} for ever`,
    `Take ${name} as a parameter of the method that needs it, or make ${step.keeper} @scoped(Lifecycle.ContainerScoped).`,
  )
}

function chainTo(step: Step, name: string): string {
  return `${nameChain(step)} -> ${name}`
}

function nameChain({chain}: Step): string {
  return chain.map(cls => cls.name).join(' -> ')
}

export function noMetadata(what: string, place: string) {
  return bootError(
    'NO_METADATA',
    place,
    `the compiler emitted no types for ${what}`,
    'Set experimentalDecorators and emitDecoratorMetadata in tsconfig.json and run it with `candy dev`, `candy start` or tsc; esbuild, tsx and `node file.ts` emit none. Or say it: {args: [...]} on the handler, {inject: [...]} on @WsRoute.',
  )
}

export function erased(what: string, place: string, hint = '') {
  return bootError(
    'TYPE_ONLY_IMPORT',
    place,
    `${what} is no class at run time`,
    hint +
      "Import its class without `type` (Biome's useImportType and consistent-type-imports add it: switch them off); an interface or union needs @inject(TOKEN).",
  )
}

export function circularImport(what: string, place: string) {
  return bootError(
    'CIRCULAR_IMPORT',
    place,
    `${what} is undefined: two files import each other`,
    "Move what both need into a third file; or write the type as import('./other.js').Other and inject it with @inject(delay(() => Other)).",
  )
}
