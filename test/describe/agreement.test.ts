import {Schemas} from '#candy/describe/schemas.js'
import {Refusal} from '#candy/messages/refusal.js'
import {bodyCheck} from '#candy/messages/validator.js'
import {Ajv} from 'ajv'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {declare, forget, type MessageClass} from '../support/agreement/declare.js'
import {everyDecorator} from '../support/agreement/every-decorator.js'
import {anyJson} from '../support/agreement/generated.js'

// A client, or a form, that goes by the schema must be able to say all that the server takes.
//   CANDY_FUZZ=100000 CANDY_FUZZ_SEED=42 npx vitest run test/describe/agreement.test.ts
const inputs = Number(process.env.CANDY_FUZZ ?? 10_000)
const seed = Number(process.env.CANDY_FUZZ_SEED ?? Date.now() % 2 ** 31)
console.log(`schemas: ${inputs} inputs, CANDY_FUZZ_SEED=${seed}`)

/** Without variation selectors, which class-validator does not count and JSON Schema does. */
const asJson = <T>(value: T) => JSON.parse(JSON.stringify(value).replaceAll('\uFE0F', '')) as T

let taken = 0

/** Whether the schema takes an input that the class takes. */
function agreement(cls: MessageClass, groups?: readonly string[]): (input: unknown) => void {
  const schemas = new Schemas()
  const name = schemas.add(cls, {closed: true, groups})
  // What a format means is its reader's to say; a schema that cannot be read is a fault.
  const ajv = new Ajv({strict: false, validateFormats: false})
  ajv.addSchema({$id: 'app', components: {schemas: schemas.all}})
  const validate = ajv.compile({$ref: `app#/components/schemas/${name}`})
  const check = bodyCheck(cls, {whitelist: 'refuse', groups})
  return input => {
    const judged = check.judge(structuredClone(input), false)
    if (judged instanceof Promise || judged instanceof Refusal) return
    taken += 1
    const isValid = validate(input)
    expect(isValid, `${JSON.stringify(input)} and ${JSON.stringify(schemas.all)}`).toBe(true)
  }
}

describe('what the server takes, its schema takes', {timeout: 600_000}, () => {
  it('by every rule alone, and for each item', () => {
    const rules = Object.values(everyDecorator).flatMap(({decorators, likes}) =>
      decorators.map(make => ({make, likes})),
    )
    for (const {make, likes} of rules) {
      const liked = fc.constantFrom(...likes)
      const list = fc.array(fc.oneof({weight: 3, arbitrary: liked}, anyJson), {maxLength: 3})
      const whole = fc.oneof({weight: 3, arbitrary: liked}, list, anyJson)
      // What is no list, class-validator judges as one item; a schema says what is meant.
      for (const [decorator, value] of [
        [make(), whole],
        [make({each: true}), list],
      ] as const) {
        const cls = declare([{name: 'value', decorators: [decorator]}])
        const agrees = agreement(cls)
        const input = fc.record({value}, {requiredKeys: []})
        fc.assert(
          fc.property(input, one => agrees(asJson(one))),
          {seed, numRuns: Math.ceil(inputs / rules.length / 4)},
        )
        forget([cls])
      }
    }
    // A third of what is generated is liked.
    expect(taken).toBeGreaterThan(inputs / 10)
  })
})
