// What does a message cost from parsed JSON to a checked instance of its class? Candy, class-validator as everybody
// calls it, a person's own code, and two compilers of schemas, in turn in every round, on the same inputs.
import 'reflect-metadata'
import {Type} from '@sinclair/typebox'
import {TypeCompiler} from '@sinclair/typebox/compiler'
import {Ajv} from 'ajv'
import {plainToInstance} from 'class-transformer'
import {validate, validateSync} from 'class-validator'
import {bodyCheck} from '../dist/messages/validator.js'
import {order as byHand} from './dist/by-hand.js'
import {Order} from './dist/order.js'
import {median, spread, table} from './stats.js'

const rounds = 15
const inputs = 1_000

const check = bodyCheck(Order, {whitelist: 'refuse'})
const options = {whitelist: true, forbidNonWhitelisted: true}

const schema = Type.Object(
  {
    id: Type.Integer({minimum: 1}),
    priority: Type.Integer({minimum: 0, maximum: 9}),
    customer: Type.String({minLength: 1, maxLength: 64}),
    note: Type.String({maxLength: 200}),
    lines: Type.Array(
      Type.Object(
        {
          sku: Type.String({minLength: 1, maxLength: 32}),
          quantity: Type.Integer({minimum: 1, maximum: 999}),
        },
        {additionalProperties: false},
      ),
      {minItems: 1, maxItems: 10},
    ),
  },
  {additionalProperties: false},
)
const typebox = TypeCompiler.Compile(schema)
const ajv = new Ajv().compile(JSON.parse(JSON.stringify(schema)))
const ajvAll = new Ajv({allErrors: true}).compile(JSON.parse(JSON.stringify(schema)))

function good(n) {
  return {
    id: n + 1,
    priority: n % 10,
    customer: `Customer number ${n}`,
    note: n % 3 ? 'leave it at the door, please' : '',
    lines: [0, 1, 2].map(line => ({sku: `sku-${n}-${line}`, quantity: line + 1})),
  }
}

/** Three faults: a number too small, a string too short, one of them inside the array. */
function bad(n) {
  const order = good(n)
  return {...order, id: -n - 1, customer: '', lines: order.lines.with(1, {sku: 'a', quantity: 0})}
}

const parsed = make => Array.from({length: inputs}, (_, n) => JSON.parse(JSON.stringify(make(n))))

/** Results are kept, so that none is optimised away and what was built must be collected. */
const kept = Array.from({length: inputs})

function time(run, values, times) {
  const start = process.hrtime.bigint()
  for (let n = 0; n < times; n += 1) kept[n % inputs] = run(values[n % inputs])
  return Number(process.hrtime.bigint() - start) / times
}

/** As NestJS's ValidationPipe does: one promise after the other. */
async function timeAsync(run, values, times) {
  const start = process.hrtime.bigint()
  for (let n = 0; n < times; n += 1) kept[n % inputs] = await run(values[n % inputs])
  return Number(process.hrtime.bigint() - start) / times
}

async function compare(title, values, cases, base) {
  const found = cases.map(one => ({...one, times: []}))
  for (let round = -5; round < rounds; round += 1)
    for (const one of found) {
      const taken = await (one.async ? timeAsync : time)(one.run, values, one.count)
      if (round >= 0) one.times.push(taken)
    }
  const nest = found.find(one => one.name === base).times
  console.log(title)
  table([
    ['', 'ns', `${base} / this`, 'this / Candy'],
    ...found.map(({name, times}) => [
      name,
      spread(times, 0),
      spread(times.map((time, n) => nest[n] / time)),
      median(times.map((time, n) => time / found[0].times[n])).toFixed(2),
    ]),
  ])
}

function verify(ok, what) {
  if (!ok) throw new Error(`${what} is wrong, and nothing is measured`)
}

const [goods, bads] = [parsed(good), parsed(bad)]
const library = 'plainToInstance + validate'
for (const value of goods) {
  verify(check.judge(value, false) instanceof Order, 'Candy')
  verify(byHand(value) instanceof Order, 'by hand')
  verify(ajv(value) && typebox.Check(value), 'a schema')
  verify(validateSync(plainToInstance(Order, value), options).length === 0, 'class-validator')
}
for (const value of bads) {
  verify(check.judge(value, false).details.length === 3, 'Candy')
  verify(byHand(value) === undefined && byHand({...goods[0], x: 1}) === undefined, 'by hand')
  verify(!ajv(value) && !typebox.Check(value), 'a schema')
  verify(validateSync(plainToInstance(Order, value), options).length === 3, 'class-validator')
}

console.log(`node ${process.version}, ${rounds} rounds: median (range)\n`)
await compare(
  'valid: instances built, unknown keys refused (ajv and TypeBox only check)',
  goods,
  [
    {name: 'Candy', run: value => check.judge(value, false), count: 400_000},
    {name: 'by hand', run: byHand, count: 400_000},
    {
      name: library,
      run: value => validate(plainToInstance(Order, value), options),
      count: 4_000,
      async: true,
    },
    {name: 'ajv', run: ajv, count: 400_000},
    {name: 'TypeBox', run: value => typebox.Check(value), count: 400_000},
  ],
  library,
)
await compare(
  'three faults: all told',
  bads,
  [
    {name: 'Candy', run: value => check.judge(value, false), count: 40_000},
    {
      name: library,
      run: value => validate(plainToInstance(Order, value), options),
      count: 4_000,
      async: true,
    },
    {name: 'ajv, allErrors', run: value => (ajvAll(value) ? [] : ajvAll.errors), count: 40_000},
    {name: 'TypeBox', run: value => [...typebox.Errors(value)], count: 4_000},
  ],
  library,
)
