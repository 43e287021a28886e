import {Type} from 'class-transformer'
import {
  buildMessage,
  IsInt,
  IsNotEmptyObject,
  IsObject,
  IsOptional,
  IsString,
  ValidateBy,
  ValidateNested,
} from 'class-validator'
import {declare, type MessageClass} from './declare.js'

const isAlone = (object: object) => Object.keys(object).length > 1
const differsFromA = (options: {groups: string[]}) =>
  ValidateBy(
    {
      name: 'differsFromA',
      validator: {validate: (value, args) => value !== (args!.object as {a?: unknown}).a},
    },
    options,
  )

/** Its name and its words are those of @IsNotEmpty; it is stricter. */
const isNotBlank = ValidateBy({
  name: 'isNotEmpty',
  validator: {
    validate: value => typeof value === 'string' && value.trim() !== '',
    defaultMessage: buildMessage(prefix => `${prefix}$property should not be empty`),
  },
})
/** Changes the object that it judges. */
const trims = ValidateBy({
  name: 'trims',
  validator: {
    validate: (value, args) => {
      ;(args!.object as {a: unknown}).a = String(value).trim()
      return true
    },
  },
})
const hasNoSpace = ValidateBy({
  name: 'hasNoSpace',
  validator: {validate: (_, args) => !/\s/.test((args!.object as {a: string}).a)},
})

const Line = declare([
  {name: 'sku', decorators: [IsString()]},
  {name: 'a', decorators: [IsOptional(), IsInt()]},
  {name: 'b', decorators: [IsOptional(), IsInt()]},
  {name: 'c', decorators: [IsOptional(), IsInt()]},
])
const lines = (type: unknown) => ({name: 'lines', type, decorators: [ValidateNested(), Type(() => Line)]})
const List = declare([lines(Array)])
const Sets = declare([
  lines(Set),
  {name: 'at', decorators: [IsOptional(), Type(() => Number), IsInt()]},
  ...Array.from('0123456789', name => ({name, decorators: [IsOptional(), IsObject()]})),
])
const mapOf = (cls: MessageClass) =>
  declare([{name: 'a', type: Map, decorators: [ValidateNested(), Type(() => cls)]}])
/** A map of so many objects that, were each as large as its class allows, it would be too large. */
const many = (last: object) => ({
  a: Object.fromEntries(Array.from({length: 800}, (_, n) => [`k${n}`, n === 799 ? last : {}])),
})

/** Inputs on which Candy and class-validator once disagreed. */
export const cases: readonly {
  readonly cls: MessageClass
  readonly input: object
  readonly groups?: readonly string[]
}[] = [
  {
    // A condition counts the fields: one that is refused is among them.
    cls: declare([{name: 'c', decorators: [IsInt({validateIf: isAlone})]}]),
    input: {a: [], c: {}},
  },
  {
    // A field of another group is refused, and converted all the same, where a rule of the author's looks at it.
    cls: declare([
      {name: 'a', decorators: [Type(() => Boolean), IsInt()]},
      {name: 'b', decorators: [IsOptional({groups: ['create']}), differsFromA({groups: ['create']})]},
    ]),
    input: {a: {}, b: true},
    groups: ['create'],
  },
  // Lists within maps, and maps within maps, so long that what is left of the count ran out while they were made: they
  // were handed on as they came.
  {cls: mapOf(List), input: {a: {k: {lines: [{sku: ['evil'], admin: true}, ...Array(2_500).fill(1)]}}}},
  {cls: mapOf(List), input: {a: {k: {lines: Array.from({length: 2_500}, () => ({sku: 'x'}))}}}},
  {cls: mapOf(Sets), input: many({lines: [{evil: 1}]})},
  {cls: mapOf(Sets), input: many({lines: [{sku: 'x'}], at: '5'})},
  {cls: declare([{name: 'a', decorators: [IsNotEmptyObject()]}]), input: {a: {hasOwnProperty: 1}}},
  {cls: declare([{name: 'a', decorators: [isNotBlank]}]), input: {a: '   '}},
  {cls: declare([{name: 'a', decorators: [hasNoSpace, trims]}]), input: {a: ' a '}},
  {cls: declare([{name: 'a', decorators: [trims, hasNoSpace]}]), input: {a: ' a '}},
]
