import {createRequire} from 'node:module'
import type {ExcludeMetadata, ExposeMetadata, TypeMetadata} from 'class-transformer'
import {lineage, type Class} from './rules.js'

/**
 * What class-transformer knows of classes. It exports no way to ask for it; this file of it is where its own
 * decorators write, and `docs/decisions/0009-compiled-validator.md` says what guards against a change.
 */
interface TransformerStorage {
  findTypeMetadata(target: unknown, property: string): TypeMetadata | undefined
  getStrategy(target: unknown): 'excludeAll' | 'exposeAll' | 'none'
  getExposedMetadatas(target: unknown): readonly ExposeMetadata[]
  getExcludedMetadatas(target: unknown): readonly ExcludeMetadata[]
  readonly _typeMetadatas: ReadonlyMap<unknown, ReadonlyMap<string, unknown>>
  readonly _transformMetadatas: ReadonlyMap<unknown, ReadonlyMap<string, unknown>>
}

const {defaultMetadataStorage: storage} = createRequire(import.meta.url)(
  'class-transformer/cjs/storage.js',
) as {defaultMetadataStorage: TransformerStorage}

/** What a list, as JSON has it, becomes: the property's own type says. `map` is made of an object. */
export type Container = 'array' | 'set' | 'map'

/** A conversion that `@Type(() => Number)` and its like ask for. */
export interface Conversion {
  /** @throws TypeError for an object that hides its `toString` */
  readonly convert: (value: unknown) => unknown
}

const conversions = new Map<unknown, Conversion>([
  [String, {convert: orNull(String)}],
  [Number, {convert: orNull(Number)}],
  [Boolean, {convert: orNull(Boolean)}],
  [Date, {convert: orNull(value => new Date(value as string))}],
])

function orNull(convert: (value: unknown) => unknown): (value: unknown) => unknown {
  return value => (value === null || value === undefined ? value : convert(value))
}

interface SubType {
  readonly value: Class
  readonly name: string
}

/** What `@Type()` says of a property. */
export interface TypeNote {
  /** A class, or a conversion; `undefined` if the type is decided message by message. */
  readonly to: Class | Conversion | undefined
  /** Where a field of the message decides it: which, and the class for each of its values. */
  readonly oneOf: {readonly field: string; readonly classes: readonly SubType[]} | undefined
  /** `undefined` if only class-transformer can make it. */
  readonly container: Container | undefined
}

/** Reads `@Type()`; inherited, as class-transformer does. @returns `undefined` without one */
export function typeOf(cls: Class, property: string): TypeNote | undefined {
  const metadata = storage.findTypeMetadata(cls, property)
  if (!metadata) return undefined
  const {typeFunction, reflectedType, options} = metadata as {
    typeFunction?: (() => unknown) | undefined
    reflectedType?: unknown
    options?: {discriminator?: {property: string; subTypes?: readonly SubType[]}}
  }
  const decidedLater = options?.discriminator !== undefined || (typeFunction && takesArguments(typeFunction))
  const type = decidedLater ? undefined : typeFunction ? typeFunction() : reflectedType
  return {
    to: conversions.get(type) ?? (isClass(type) ? type : undefined),
    oneOf: oneOfClasses(options?.discriminator),
    container: containerOf(reflectedType),
  }
}

function oneOfClasses(
  discriminator: {property: string; subTypes?: readonly SubType[]} | undefined,
): TypeNote['oneOf'] {
  const {property: field, subTypes: classes} = discriminator ?? {}
  return field !== undefined && classes ? {field, classes} : undefined
}

/** Not by `length`: defaults, patterns and rests do not count in it. */
function takesArguments(fn: () => unknown): boolean {
  const text = Function.prototype.toString.call(fn)
  return !/^(?:function\b[^(]*|[\w$]+\s*)?\(\s*\)/.test(text) || /\barguments\b/.test(text)
}

/** The properties of a class, or of one it extends, that have a `@Type()`. */
export function typedProperties(cls: Class): readonly string[] {
  const names = lineage(cls).flatMap(at => Array.from(storage._typeMetadatas.get(at)?.keys() ?? []))
  return names.filter(name => typeof name === 'string')
}

function isClass(type: unknown): type is Class {
  return typeof type === 'function'
}

function containerOf(reflected: unknown): Container | undefined {
  if (reflected === Set) return 'set'
  if (reflected === Map) return 'map'
  if (reflected === Array || !isClass(reflected)) return 'array'
  const isList = 'push' in reflected.prototype || reflected.prototype instanceof Set
  return isList ? undefined : 'array'
}

/** Whether `@Transform`, `@Expose` or `@Exclude` stand on a class, one it extends, or a property of them. */
export function isTransformed(cls: Class): boolean {
  if (storage.getStrategy(cls) !== 'none') return true
  if (storage.getExposedMetadatas(cls).length > 0 || storage.getExcludedMetadatas(cls).length > 0) return true
  return lineage(cls).some(at => (storage._transformMetadatas.get(at)?.size ?? 0) > 0)
}

/** Whether `@Transform` makes a property itself. */
export function isMadeByTransform(cls: Class, property: string): boolean {
  return lineage(cls).some(at => storage._transformMetadatas.get(at)?.has(property) === true)
}

/** The name under which `@Expose({name})` takes a property; else its own. */
export function exposedAs(cls: Class, property: string): string {
  const found = storage
    .getExposedMetadatas(cls)
    .find(one => one.propertyName === property && one.options.toPlainOnly !== true && one.options.name)
  return found?.options.name ?? property
}

/** Whether what a message says under this name is left out. */
export function isExcluded(cls: Class, property: string): boolean {
  return storage
    .getExcludedMetadatas(cls)
    .some(one => one.propertyName === property && one.options.toPlainOnly !== true)
}

/** The names under which `@Expose({name})` takes properties. */
export function exposedNames(cls: Class): readonly string[] {
  return storage.getExposedMetadatas(cls).flatMap(({options}) => options?.name ?? [])
}
