import type {Candy} from 'candy-ws'
import {
  IsArray,
  IsBoolean,
  IsEmail,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  validate,
} from 'class-validator'
import {plainToInstance} from 'class-transformer'
import * as fc from 'fast-check'
import {expect, it} from 'vitest'
import {serve} from '../support/serve-handlers.js'

const unbounded = {messageRate: 'off', byteRate: 'off', maxViolations: 'off'} as const

const rules: Readonly<Record<string, () => PropertyDecorator>> = {
  IsInt,
  IsString,
  IsBoolean,
  IsArray,
  IsOptional,
  IsEmail,
  'Min 0': () => Min(0),
  'Max 3': () => Max(3),
  'MaxLength 2': () => MaxLength(2),
  'IsIn a 1': () => IsIn(['a', 1]),
}
const field = fc.constantFrom('a', 'b', 'c', 'd')
const shapes = fc.dictionary(
  field,
  fc.uniqueArray(fc.constantFrom(...Object.keys(rules)), {minLength: 1, maxLength: 3}),
  {minKeys: 1},
)
const value = fc.oneof(
  fc.constantFrom('a', 'abc', '', 'ada@example.org'),
  fc.integer({min: -2, max: 5}),
  fc.constantFrom(null, true, false, 0.5, 'true', '1'),
  fc.array(fc.integer(), {maxLength: 2}),
  fc.dictionary(field, fc.integer(), {maxKeys: 1, noNullPrototype: true}),
)
const body = fc.dictionary(
  fc.oneof({weight: 9, arbitrary: field}, {weight: 1, arbitrary: fc.string()}),
  value,
  {
    maxKeys: 4,
    noNullPrototype: true,
  },
)

function classOf(shape: Readonly<Record<string, readonly string[]>>): new () => object {
  class Body {}
  for (const [name, decorators] of Object.entries(shape))
    for (const decorator of decorators) rules[decorator]!()(Body.prototype, name)
  return Body
}

/** What class-validator itself says, asked as Candy promises to ask. */
async function isValid(type: new () => object, message: object): Promise<boolean> {
  const faults = await validate(plainToInstance(type, message), {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
  })
  return faults.length === 0
}

it('row 22: a random message reaches the handler of a random class if the class lets it, and else is VALIDATION', async () => {
  const cases = fc.record({shape: shapes, bodies: fc.array(body, {minLength: 10, maxLength: 10})})
  const property = fc.asyncProperty(fc.array(cases, {minLength: 5, maxLength: 5}), async some => {
    const classes = some.map(({shape}) => classOf(shape))
    const calls: unknown[] = []
    const {app, connect} = await serve(
      ({ws}: Candy) =>
        classes.forEach((type, at) => ws.on(`of ${at}`, type, message => void calls.push({...message}))),
      {limits: unbounded},
    )
    const client = await connect()
    for (const [at, {bodies}] of some.entries())
      for (const message of bodies) {
        // Those have a meaning of their own.
        const {type: _type, ref: _ref, ...fields} = message
        if (['__proto__', 'constructor', 'prototype'].some(name => Object.hasOwn(fields, name))) continue
        calls.length = 0
        client.send({...fields, type: `of ${at}`, ref: at})
        const answer = await client.next()
        const valid = await isValid(classes[at]!, fields)
        expect(answer).toMatchObject(valid ? {type: 'reply', ref: at} : {type: 'error', code: 'VALIDATION'})
        expect(calls).toHaveLength(valid ? 1 : 0)
      }
    await app.close({drain: 100})
  })
  await fc.assert(property, {numRuns: 10})
})

const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
const list = (count: number, item: string) => `[${Array.from({length: count}, () => item).join()}]`
const keys = (count: number) => `{${Array.from({length: count}, (_, at) => `"k${at}":0`).join()}}`

it.each([
  ['33 levels', deep(32)],
  ['5,000 levels', deep(5_000)],
  ['100,000 levels', deep(100_000)],
  ['20,001 values', list(20_001, '0')],
  ['16,000 keys', keys(16_000)],
  ['64 KiB of {}', list(21_840, '{}')],
])('row 23: %s are refused as no shape at all, in no time', async (_, data) => {
  const {connect} = await serve(({ws}: Candy) => void ws.on('say', Object, () => 'taken'), {
    limits: {...unbounded, maxPayload: 300_000},
  })
  const client = await connect()
  const times: number[] = []
  for (let round = 0; round < 10; round += 1) {
    const message = `{"type":"say","ref":${round},"data":${data}}`
    const parsing = performance.now()
    JSON.parse(message)
    const begun = performance.now()
    client.send(message)
    expect(await client.next()).toMatchObject({
      ref: round,
      code: 'VALIDATION',
      details: [{rule: 'shape'}],
    })
    times.push(performance.now() - begun - 5 * (begun - parsing))
  }
  // The fastest of ten, there and back, beside a few times what reading JSON takes: others use this machine too.
  expect(Math.min(...times)).toBeLessThan(20)
})
