import {ValidationTypes} from 'class-validator'
import {bootError, Problems} from '../errors.js'
import {hasRules, type Class} from './rules.js'
import {isMadeByTransform, typedProperties, typeOf} from './transformer.js'
import {metadataOf, type Metadata} from './validator-plan.js'

/** Where a class is used, and how. */
export interface DtoUse {
  /** What the class is of, for the error: `parameter 1 of RoomController.say()`. */
  readonly what: string
  readonly place: string
  /** Of which rules are asked for. Default: all. */
  readonly groups?: readonly string[] | undefined
}

/** Classes found sound, by the groups asked for: a functional route says them anew for each connection. */
const sound = new WeakMap<Class, Set<string>>()

/**
 * Refuses a class whose messages would be judged in part, or not at all; and so the classes within it. Every class of a
 * message passes here, in or out.
 *
 * @throws BootError `NO_RULES`, `UNJUDGED_FIELD`
 */
export function checkDto(cls: Class, {what, place, groups}: DtoUse): void {
  const key = JSON.stringify(groups ?? [])
  if (sound.get(cls)?.has(key)) return
  if (!hasRules(cls)) throw noRulesFor(cls, what, place)
  const problems = new Problems()
  checkClass(cls, {place, groups, problems, seen: new Set()})
  problems.throwIfAny()
  sound.set(cls, (sound.get(cls) ?? new Set()).add(key))
}

/**
 * Whether a class of something that goes out judges it: it has rules, or was not said to be without.
 *
 * @throws BootError `NO_RULES`, `UNJUDGED_FIELD`
 */
export function judgesWhatGoesOut(cls: Class, validate: boolean | undefined, use: DtoUse): boolean {
  if (validate === false && !hasRules(cls)) return false
  checkDto(cls, use)
  return true
}

/** Fields of a message that are declared and have no rule: a message that has one is refused. */
export function fieldsWithoutRules(cls: Class): readonly string[] {
  const ruled = new Set(metadataOf(cls, undefined).map(({propertyName}) => propertyName))
  try {
    const sample: object = new (cls as new () => object)()
    const declared = Object.entries(sample).filter(([, value]) => value === undefined)
    return declared.flatMap(([name]) => (ruled.has(name) ? [] : [`${cls.name}.${name}`]))
  } catch {
    // It is made from a message alone.
    return []
  }
}

/** Lists in a message whose items no rule is asked about: their class is not known at run time. */
export function unjudgedLists(cls: Class, seen = new Set<unknown>()): readonly string[] {
  if (seen.has(cls)) return []
  seen.add(cls)
  const metadata = metadataOf(cls, undefined)
  const looksIn = ({type, each}: Metadata) => each || type === ValidationTypes.NESTED_VALIDATION
  return [...new Set(metadata.map(({propertyName}) => propertyName))].flatMap(name => {
    const declared: unknown = Reflect.getMetadata?.('design:type', cls.prototype as object, name)
    const type = typeOf(cls, name)
    const within = typeof type?.to === 'function' ? unjudgedLists(type.to, seen) : []
    const isList = declared === Array || declared === Set || declared === Map
    if (!isList || type || metadata.some(one => one.propertyName === name && looksIn(one))) return within
    return [`${cls.name}.${name}`]
  })
}

interface Check {
  readonly place: string
  readonly groups: readonly string[] | undefined
  readonly problems: Problems
  readonly seen: Set<unknown>
}

function checkClass(cls: Class, check: Check): void {
  if (check.seen.has(cls)) return
  check.seen.add(cls)
  if (!hasRules(cls)) return check.problems.keep(noRules(cls, check.place))
  if (metadataOf(cls, check.groups).length === 0)
    return check.problems.keep(noRulesInGroups(cls, check.place, check.groups!))
  const nested = new Set(
    metadataOf(cls, undefined).flatMap(({type, propertyName}) =>
      type === ValidationTypes.NESTED_VALIDATION ? [propertyName] : [],
    ),
  )
  const properties = new Set([
    ...metadataOf(cls, undefined).map(({propertyName}) => propertyName),
    ...typedProperties(cls),
  ])
  for (const name of properties)
    if (!isMadeByTransform(cls, name)) checkProperty(cls, name, nested.has(name), check)
}

function checkProperty(cls: Class, name: string, isNested: boolean, check: Check): void {
  const {place, problems} = check
  const type = typeOf(cls, name)
  const field = `${cls.name}.${name}`
  const declared: unknown = Reflect.getMetadata?.('design:type', cls.prototype as object, name)
  if (isNested && !type) return problems.keep(untyped(field, place))
  // A class with rules that nobody asks: what comes under this name would reach the handler as it is.
  if (!isNested && (hasRules(type?.to) || hasRules(declared))) return problems.keep(unjudged(field, place))
  if (isNested && typeof type?.to === 'function') checkClass(type.to, check)
}

function noRulesFor(cls: Class, what: string, place: string) {
  return bootError(
    'NO_RULES',
    place,
    `${what} is a ${cls.name}, which has no validation rules: anything would pass for it`,
    'Decorate its fields with class-validator, as in @IsString() text!: string, or say that it is meant: {validate: false}.',
  )
}

function noRules(cls: {readonly name: string}, place: string) {
  return bootError(
    'NO_RULES',
    place,
    `${cls.name} is the class of a message and has no rules`,
    `Decorate its fields with class-validator's, @IsString() and so on; or say {validate: false} if none are meant.`,
  )
}

function noRulesInGroups(cls: Class, place: string, groups: readonly string[]) {
  return bootError(
    'NO_RULES',
    place,
    `${cls.name} has no rules in ${groups.map(group => `'${group}'`).join(', ')}`,
    'Every message would be refused: name groups that its decorators name, or mark rules {always: true}.',
  )
}

function untyped(field: string, place: string) {
  return bootError(
    'UNJUDGED_FIELD',
    place,
    `${field} has @ValidateNested and no @Type`,
    "Say what it is made into: @Type(() => Item), from 'class-transformer'. If it is there, two copies of class-transformer are: npm ls class-transformer.",
  )
}

function unjudged(field: string, place: string) {
  return bootError(
    'UNJUDGED_FIELD',
    place,
    `${field} is a class with rules, and they are not asked`,
    'Put @ValidateNested() and @Type(() => Item) on it.',
  )
}
