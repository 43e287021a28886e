import 'reflect-metadata'
import {Type} from 'class-transformer'
import {IsBoolean, IsInt, IsOptional, IsString, ValidateNested} from 'class-validator'
import * as fc from 'fast-check'
import {replyText, type Ref} from '#candy/messages/envelope.js'
import {serialiserOf} from '#candy/messages/serialiser.js'
import {declare, forget} from '../support/agreement/declare.js'
import {describe, expect, it} from 'vitest'

class Line {
  @IsString() sku!: string
  @IsInt() count!: number
}

class Receipt {
  @IsInt() id!: number
  @IsBoolean() paid!: boolean
  @IsOptional() @IsString() note?: string
  @ValidateNested() @Type(() => Line) first?: Line
  @ValidateNested({each: true}) @Type(() => Line) lines?: Line[]
  @IsString({each: true}) tags?: string[]
  @ValidateNested() @Type(() => Receipt) within?: Receipt
}

const serialise = serialiserOf(Receipt)!

/** What a reply is, and what it was before anything was compiled; or the kind of error. */
function compare(make: () => unknown, ref: Ref = 1, serialise = serialiserOf(Receipt)!) {
  const outcome = (write: (data: unknown) => string) => {
    try {
      return write(make())
    } catch (error) {
      return (error as Error).constructor.name
    }
  }
  const expected = outcome(data => {
    if (typeof data === 'function' || typeof data === 'symbol') throw new TypeError('no JSON form')
    return JSON.stringify({type: 'reply', ref, data: data === undefined ? null : data})
  })
  expect(outcome(data => replyText(ref, data, serialise))).toBe(expected)
  expect(outcome(data => replyText(ref, data))).toBe(expected)
}

type Make = () => unknown

const leaf: fc.Arbitrary<Make> = fc.oneof(
  fc
    .oneof(
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.string({unit: 'binary', maxLength: 8}),
      fc.string({maxLength: 40}),
      fc.constantFrom<unknown>(
        null,
        undefined,
        -0,
        1e21,
        1_700_000_000_000,
        '\ud800',
        '"',
        '\\',
        '\u2028',
        '😀',
        5n,
      ),
      fc.constantFrom<unknown>(Symbol('s'), () => 1, Object(1), Object('text'), Object(false), Object(5n)),
    )
    .map(value => () => value),
  fc.constantFrom<Make>(
    () => new Date(0),
    () => new Date(Number.NaN),
    () => new Map([[1, 2]]),
    () => Buffer.from('a'),
    () => [, 1], // oxlint-disable-line no-sparse-arrays -- a hole is null
    () => ({toJSON: (key: string) => `as ${key}`}),
    () => ({toJSON: () => undefined}),
    () => ({toJSON: 'no function'}),
    () => Object.assign(() => 1, {toJSON: () => 'a function'}),
    () => Object.assign([1], {toJSON: (key: string) => `list ${key}`}),
    () => Object.create({inherited: 1, sku: 'inherited'}) as unknown,
    () => new Proxy({sku: 'a', count: 1}, {}),
    () => new Proxy([{sku: 'a', count: 1}], {}),
  ),
)

const names = ['id', 'paid', 'note', 'first', 'lines', 'tags', 'within', 'sku', 'count']
const others = ['0', '7', 'more', '__proto__', 'a"b', '\ud800']

const shapes: readonly ((fields: readonly (readonly [string, PropertyDescriptor])[]) => unknown)[] = [
  fields => with_({}, fields),
  fields => with_(new Receipt(), fields),
  fields => with_(new Line(), fields),
  fields => with_(Object.create(null) as object, fields),
  fields => with_(Object.create({id: 5, more: 6}) as object, fields),
  fields => with_([{sku: 'a', count: 1}], fields),
  fields => new Proxy(with_({}, fields), {}),
  fields => Object.freeze(with_({}, fields)),
  fields => with_(Object(1) as object, fields),
]

function with_(object: object, fields: readonly (readonly [string, PropertyDescriptor])[]): object {
  for (const [name, descriptor] of fields) Object.defineProperty(object, name, descriptor)
  return object
}

const tree = fc.letrec<{value: Make; object: Make}>(tie => ({
  value: fc.oneof(
    {depthSize: 'small', withCrossShrink: true},
    leaf,
    tie('object'),
    fc.array(tie('value'), {maxLength: 20}).map(items => () => items.map(make => make())),
  ),
  object: fc
    .tuple(
      fc.oneof({arbitrary: fc.constant(0), weight: 5}, fc.nat({max: shapes.length - 1})),
      fc.uniqueArray(
        fc.tuple(
          fc.oneof({arbitrary: fc.constantFrom(...names), weight: 8}, fc.constantFrom(...others)),
          tie('value'),
          fc.constantFrom('plain', 'plain', 'plain', 'getter', 'hidden'),
        ),
        {selector: ([name]) => name, maxLength: 6},
      ),
    )
    .map(
      ([shape, fields]) =>
        () =>
          shapes[shape]!(fields.map(([name, make, how]) => [name, described(make, how)])),
    ),
}))

/** A getter gives something else each time: it is to be read once. */
function described(make: Make, how: string): PropertyDescriptor {
  const common = {enumerable: how !== 'hidden', configurable: true}
  let reads = 0
  if (how === 'getter') return {...common, get: () => ((reads += 1) === 1 ? make() : `read ${reads}`)}
  return {...common, writable: true, value: make()}
}

const kinds: readonly (() => readonly PropertyDecorator[])[] = [
  () => [IsInt()],
  () => [IsBoolean()],
  () => [IsString()],
  () => [IsOptional(), IsString({each: true})],
  () => [ValidateNested(), Type(() => Line)],
  () => [ValidateNested({each: true}), Type(() => Receipt)],
]

const classes = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...names, ...others), fc.constantFrom(...kinds)), {
    selector: ([name]) => name,
    minLength: 1,
  })
  .map(fields => () => declare(fields.map(([name, decorators]) => ({name, decorators: decorators()}))))

describe('a reply of a declared class', () => {
  it(
    'is to the byte what JSON.stringify makes of it, whatever the handler returns',
    {timeout: 60_000},
    () => {
      fc.assert(
        fc.property(
          tree.value,
          fc.oneof(fc.double({noNaN: true, noDefaultInfinity: true}), fc.string()),
          (make, ref) => compare(make, ref),
        ),
        {numRuns: 5_000},
      )
    },
  )

  it('is so for any class', {timeout: 60_000}, () => {
    fc.assert(
      fc.property(classes, fc.array(tree.object, {minLength: 1, maxLength: 5}), (make, objects) => {
        const cls = make()
        const serialise = serialiserOf(cls)
        for (const object of objects) compare(object, 1, serialise)
        forget([cls])
      }),
      {numRuns: 500},
    )
  })

  it('is written by code, in any order of its fields, with some of them or others', () => {
    const line = {sku: 'a', count: 1}
    const values = [
      {id: 1, paid: true},
      {paid: false, id: 1.5, note: 'tea'},
      {id: 1, lines: [line, line], first: line, tags: ['a', 'b'], more: {even: 'this'}},
      Object.assign(new Receipt(), {id: 7, paid: true}),
      {},
    ]
    for (const value of values) expect(serialise(value)).toBe(JSON.stringify(value))
  })

  it.each([
    ['a list', [1]],
    ['a list that passes for an object', Object.setPrototypeOf([1], Object.prototype)],
    ['a date', new Date(0)],
    ['null', null],
    ['text', 'text'],
    ['a subclass', new (class extends Receipt {})()],
    ['toJSON', {id: 1, toJSON: () => 'mine'}],
    ['no prototype', Object.create(null)],
  ])('is left to JSON.stringify: %s', (_, value) => {
    expect(serialise(value)).toBeUndefined()
    compare(() => value)
  })

  it('is an error where JSON.stringify throws: circles, also through what the class declares', () => {
    const circle: Record<string, unknown> = {id: 1}
    circle['within'] = {id: 2, within: circle}
    expect(() => replyText(1, circle, serialise)).toThrow(TypeError)
    const listed: Record<string, unknown> = {id: 1}
    listed['lines'] = [{sku: 'a', count: listed}]
    expect(() => replyText(1, listed, serialise)).toThrow(TypeError)
    expect(() => replyText(1, {id: 5n}, serialise)).toThrow(TypeError)
  })

  it('passes on what a getter throws', () => {
    const value = {
      get id() {
        throw new RangeError('mine')
      },
    }
    expect(() => replyText(1, value, serialise)).toThrow('mine')
  })

  it('holds under a polluted Object.prototype', () => {
    Object.assign(Object.prototype, {paid: true})
    try {
      compare(() => ({id: 1}))
      compare(() => ({id: 1, lines: [{sku: 'a', count: 1}]}))
    } finally {
      Reflect.deleteProperty(Object.prototype, 'paid')
    }
  })

  it('is compiled once', () => {
    expect(serialiserOf(Receipt)).toBe(serialise)
  })
})
