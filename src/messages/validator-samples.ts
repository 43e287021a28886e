import type {ValidationArguments} from 'class-validator'
import type {Rule} from './validator-plan.js'

const lists = [[], [0], ['a'], [1, 1], [null]]
const objects = [
  {},
  {a: 1},
  Object.create(null),
  new Set([1]),
  new Map([[1, 1]]),
  new Date(0),
  new Date(Number.NaN),
]
const numbers = [
  0,
  -0,
  1,
  -1,
  2,
  3,
  0.5,
  1e21,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
]
const texts = [
  '',
  ' ',
  '\n',
  'a',
  'A',
  'ab',
  ' a ',
  '7',
  'é',
  '<b>',
  "'",
  '{}',
  '😀',
  'a\uFE0F',
  '\u0000',
  'x'.repeat(12),
]
const boxes = [new String('a'), new Number(1), new Boolean(true)]
/** Of every kind that JSON and `@Type()` make, and such as authors are strict with. */
const common = [
  undefined,
  null,
  true,
  false,
  ...numbers,
  ...texts,
  ...lists,
  ...objects,
  ...boxes,
] as unknown[]

/** What is near to what a rule compares with: bounds are where rules differ. */
function near(constraint: unknown): readonly unknown[] {
  if (Array.isArray(constraint)) return [constraint, ...(constraint as unknown[])]
  if (typeof constraint === 'number') return [...around(constraint), ...ofLength(constraint)]
  if (typeof constraint !== 'object' || constraint === null) return [constraint]
  return [constraint, ...Object.keys(constraint), ...Object.values(constraint)]
}

function around(bound: number): readonly number[] {
  return [bound - 1, bound - 0.5, bound, bound + 0.5, bound + 1, bound + 2, bound * 2, -bound]
}

function ofLength(bound: number): readonly unknown[] {
  return [bound - 1, bound, bound + 1]
    .filter(length => length >= 0 && length <= 10_000)
    .map(Math.trunc)
    .flatMap(length => ['x'.repeat(length), '😀'.repeat(length), Array.from({length}, () => 1)])
}

/**
 * Whether a rule says of sample values what code says that is to stand for it. Its name and its words are
 * class-validator's; what it does may be the author's, or another version's.
 */
export function saysTheSame({constraint, constraints}: Rule, test: (value: unknown) => boolean): boolean {
  return [...common, ...(constraints ?? []).flatMap(near)].every(value => {
    const args = {targetName: '', property: '', object: {}, value, constraints} as ValidationArguments
    try {
      return constraint.validate(value, args) === test(value)
    } catch {
      return false
    }
  })
}
