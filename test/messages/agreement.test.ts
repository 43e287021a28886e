import * as classValidator from 'class-validator'
import {Type} from 'class-transformer'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {compared, comparison} from '../support/agreement/compare.js'
import {declare, forget} from '../support/agreement/declare.js'
import {everyDecorator, structural} from '../support/agreement/every-decorator.js'
import {anyJson, generated} from '../support/agreement/generated.js'
import {cases} from '../support/agreement/cases.js'

// What Candy accepts, and the faults it tells, are those of class-validator with `whitelist` and
// `forbidNonWhitelisted`. To look for more, or to see a failure again:
//   CANDY_FUZZ=1000000 CANDY_FUZZ_SEED=42 npx vitest run test/messages/agreement.test.ts
const inputs = Number(process.env.CANDY_FUZZ ?? 50_000)
const seed = Number(process.env.CANDY_FUZZ_SEED ?? Date.now() % 2 ** 31)
const perClass = 100
console.log(`agreement with class-validator: ${inputs} inputs, CANDY_FUZZ_SEED=${seed}`)

const asJson = <T>(value: T) => JSON.parse(JSON.stringify(value)) as T

describe('5. the compiled validator agrees with class-validator', {timeout: 3_600_000}, () => {
  it('on every case in which it once did not', () => {
    for (const {cls, input, groups} of cases) comparison(cls, groups)!(input)
  })

  it('on a list of decorators that is complete', () => {
    const exported = Object.entries(classValidator).flatMap(([name, value]) =>
      /^[A-Z]/.test(name) && typeof value === 'function' && !value.toString().startsWith('class ')
        ? [name]
        : [],
    )
    expect([...Object.keys(everyDecorator), ...structural].toSorted()).toEqual(exported.toSorted())
  })

  it('on every decorator, alone, for each item, and on dates', () => {
    const decorators = Object.entries(everyDecorator).flatMap(([name, {decorators: makers, likes}]) =>
      makers.map(make => ({name, make, likes})),
    )
    const each = Math.ceil(inputs / 4 / decorators.length / 3)
    for (const {make, likes} of decorators) {
      const variants = [[make()], [make({each: true})], [make(), Type(() => Date)]]
      for (const rules of variants) {
        const cls = declare([{name: 'value', decorators: rules}])
        const compare = comparison(cls)!
        const value = fc.oneof(
          {weight: 3, arbitrary: fc.constantFrom(...likes)},
          fc.array(fc.constantFrom(...likes), {maxLength: 3}),
          anyJson,
        )
        fc.assert(
          fc.property(fc.record({value}, {requiredKeys: []}), input => compare(asJson(input))),
          {seed, numRuns: each},
        )
        forget([cls])
      }
    }
  })

  it('on generated classes: nested, optional, lists, inherited, in groups', () => {
    const groups = fc.oneof(
      {weight: 3, arbitrary: fc.constant(undefined)},
      fc.constantFrom(['create'], ['update'], ['other']),
    )
    const shape = generated(2).chain(({make, input, text}) =>
      fc.record({
        class: fc.constant({make, [fc.toStringMethod]: () => text}),
        groups,
        inputs: fc.array(input, {minLength: 1, maxLength: perClass, size: 'max'}),
      }),
    )
    fc.assert(
      fc.property(shape, ({class: {make}, groups: chosen, inputs: some}) => {
        const classes = make()
        try {
          const compare = comparison(classes.at(-1)!, chosen)
          if (compare) for (const input of some) compare(asJson(input))
          const keeping = comparison(classes.at(-1)!, chosen, 'keep')
          if (keeping) for (const input of some.slice(0, 20)) keeping(asJson(input))
        } finally {
          forget(classes)
        }
      }),
      // Twice as many classes as would do: some are left to class-validator, and lists of inputs differ in length.
      {seed, numRuns: Math.ceil((inputs / perClass) * 2)},
    )
    console.log(`${compared} inputs compared`)
    expect(compared).toBeGreaterThanOrEqual(inputs)
  })
})
