import {Candy} from '../candy.js'
import {bootError} from '../errors.js'
import {dependenciesOf, isDelayed, isInjectable, lifetimeOf, type Container} from './container.js'
import type {Class, InjectionToken} from './notes.js'

/**
 * Walks what a class needs, and what that needs, before anything is made: every missing token and every singleton
 * that would keep a connection is found at boot. Singletons and scoped classes met on the way become the app's own.
 *
 * @param keeper the name of what outlives a connection and asks, if something does
 * @throws BootError naming the chain
 */
export function checkDependencies(cls: Class, container: Container, place: string, keeper?: string): void {
  walk({cls, container, place, keeper, chain: [cls], done: {kept: new Set(), free: new Set()}})
}

interface Step {
  readonly cls: Class
  readonly container: Container
  readonly place: string
  readonly keeper: string | undefined
  readonly chain: readonly Class[]
  /** Classes found sound, with and without a keeper above them: a diamond is walked once. */
  readonly done: {readonly kept: Set<Class>; readonly free: Set<Class>}
}

function walk(step: Step): void {
  const {cls, place} = step
  const done = step.keeper === undefined ? step.done.free : step.done.kept
  if (done.has(cls)) return
  const dependencies = dependenciesOf(cls)
  if (!dependencies) throw noMetadata(`the constructor of ${cls.name}`, place)
  dependencies.forEach(({token, optional}, index) => {
    if (isDelayed(token) || (optional && !isClass(token) && !step.container.has(token as InjectionToken)))
      return
    checkToken(token, index, step)
  })
  done.add(cls)
}

function checkToken(token: unknown, index: number, step: Step): void {
  const {cls, container, place} = step
  if (token === undefined)
    throw circularImport(`parameter ${index + 1} of the constructor of ${cls.name}`, place)
  if (typeof token === 'string' || typeof token === 'symbol') return checkRegistered(token, step)
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

function checkRegistered(token: string | symbol, step: Step): void {
  const registration = step.container.registration(token)
  if (!registration)
    throw bootError(
      'MISSING_TOKEN',
      step.place,
      `nothing is registered for '${String(token)}', which ${nameChain(step)} needs`,
      `Register it before the app is made: container.register('${String(token)}', {useValue: ...}).`,
    )
  const {useClass, useToken} = registration.provider
  const keeper = lifetimeOf(registration) === 'singleton' ? String(token) : step.keeper
  if (useClass) walk({...step, cls: useClass, keeper, chain: [...step.chain, useClass]})
  else if (isClass(useToken)) enter(useToken, {...step, keeper}, true)
}

function enter(cls: Class, step: Step, known: boolean): void {
  const {container, place, chain} = step
  if (!known)
    throw bootError(
      'MISSING_TOKEN',
      place,
      `${chainTo(step, cls.name)}: ${cls.name} is not injectable`,
      `Decorate it: @injectable() export class ${cls.name}.`,
    )
  const registration = container.registration(cls)
  const lifetime = lifetimeOf(registration)
  if (lifetime === 'connection') refuseCaptive(cls.name, step)
  if (lifetime !== 'transient') container.adopt(cls, lifetime)
  const provider = registration?.provider
  if (provider && !provider.useClass) return
  walk({
    ...step,
    cls: provider?.useClass ?? cls,
    keeper: lifetime === 'singleton' ? cls.name : step.keeper,
    chain: [...chain, cls],
  })
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

function isClass(token: unknown): token is Class {
  return typeof token === 'function'
}

export function noMetadata(what: string, place: string) {
  return bootError(
    'NO_METADATA',
    place,
    `the compiler emitted no types for ${what}`,
    'Set experimentalDecorators and emitDecoratorMetadata in tsconfig.json and run it with `candy start` or tsc; esbuild, tsx and `node file.ts` emit none. Or say it: {args: [...]} on the handler, {inject: [...]} on @WsRoute.',
  )
}

export function erased(what: string, place: string) {
  return bootError(
    'TYPE_ONLY_IMPORT',
    place,
    `${what} is no class at run time`,
    "Import its class without `type` (Biome's useImportType and consistent-type-imports add it: switch them off); an interface or union needs @inject(TOKEN); a message body needs @Body().",
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
