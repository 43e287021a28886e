import 'reflect-metadata'
import {Type} from 'class-transformer'
import {IsArray, IsObject, IsOptional, IsString, ValidateNested} from 'class-validator'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {defaultLimits} from '#candy/limits.js'
import {Refusal} from '#candy/messages/refusal.js'
import {shapeFault} from '#candy/messages/shape.js'
import {bodyCheck} from '#candy/messages/validator.js'

class Item {
  @IsString()
  name!: string
}

class Tree {
  @IsOptional()
  @IsString()
  name?: string
  @IsOptional()
  @IsObject()
  free?: object
  @IsOptional()
  @IsArray()
  list?: unknown[]
  @IsOptional()
  @ValidateNested({each: true})
  @Type(() => Item)
  items?: Item[]
  @IsOptional()
  @ValidateNested({each: true})
  @Type(() => Tree)
  children?: Tree[]
}

/** Counts the values that are read out of a message. */
function counting<T extends object>(message: T): {message: T; visited: () => number} {
  let visited = 0
  const watch = <V>(value: V): V =>
    typeof value === 'object' && value !== null
      ? new Proxy(value, {
          get(target, key) {
            if (typeof key === 'string' && Object.hasOwn(target, key) && key !== 'length') visited += 1
            return watch(Reflect.get(target, key) as unknown)
          },
        })
      : value
  return {message: watch(message), visited: () => visited}
}

const deep = (levels: number) => {
  let message: object = {}
  for (let level = 1; level < levels; level += 1) message = {free: message}
  return message
}
const deepList = (levels: number) => {
  let list: unknown[] = []
  for (let level = 2; level < levels; level += 1) list = [list]
  return {list}
}
const deepChildren = (levels: number) => {
  let tree: object = {}
  for (let level = 0; level < levels; level += 1) tree = {children: [tree]}
  return tree
}
const list = (count: number) => ({list: Array.from({length: count}, () => 1)})
const items = (count: number) => ({items: Array.from({length: count}, () => ({name: 'a'}))})
const wide = (count: number) =>
  Object.fromEntries(Array.from({length: count}, (_, index) => [`k${index}`, 1]))

const hostile = {
  'a million elements': {list: Array.from({length: 1_000_000}, () => 1)},
  'a million objects': {items: Array.from({length: 1_000_000}, () => ({}))},
  'a million items that are wrong': {items: Array.from({length: 1_000_000}, () => 5)},
  'a hundred thousand unknown fields': wide(100_000),
  'a hundred thousand fields within': {free: wide(100_000)},
  '20,000 levels of objects': deep(20_000),
  '20,000 levels of lists': deepList(20_000),
  '5,000 levels of its own class': deepChildren(5_000),
  'lists within lists': {list: Array.from({length: 300}, () => Array.from({length: 300}, () => []))},
  'items that each have many fields': {items: Array.from({length: 3_000}, () => wide(10))},
}

describe('5. the shape of a message', () => {
  it.each(Object.entries(hostile))('costs a bounded work: %s', (_, message) => {
    for (const whitelist of ['refuse', 'strip', 'keep'] as const) {
      const check = bodyCheck(Tree, {whitelist})
      const {message: watched, visited} = counting(message)
      expect(check.judge(watched, false)).toBeInstanceOf(Refusal)
      // Twice at most: by compiled code, and by the walk that tells what is wrong.
      expect(visited()).toBeLessThan(2 * 10_000 + 100)
    }
    const {message: watched, visited} = counting(message)
    expect(shapeFault(watched, defaultLimits)).toBeInstanceOf(Refusal)
    expect(visited()).toBeLessThanOrEqual(10_001)
  })

  it.each([
    ['by default', defaultLimits],
    ['where the limits are lower', {maxDepth: 3, maxNodes: 20}],
    ['where the limits are higher', {maxDepth: 100, maxNodes: 50_000}],
    ['where they are lower than what its class holds', {maxDepth: 2, maxNodes: 4}],
  ] as const)('may be as deep, and as wide, as the limits say, and not by one more: %s', (_, limits) => {
    const {maxDepth, maxNodes} = limits as {maxDepth: number; maxNodes: number}
    for (const whitelist of ['refuse', 'strip', 'keep'] as const) {
      const check = bodyCheck(Tree, {whitelist})
      const judge = (message: object) => check.judge(message, false, limits)
      for (const make of [deep, deepList]) {
        expect(judge(make(maxDepth))).toBeInstanceOf(Tree)
        expect(judge(make(maxDepth + 1))).toMatchObject({
          details: [{rule: 'shape', message: `a message must be at most ${maxDepth} levels deep`}],
          exceeded: 'maxDepth',
        })
      }
      // The message and its list are two values.
      const tooWide = {
        details: [{rule: 'shape', message: `a message must hold at most ${maxNodes} values`}],
        exceeded: 'maxNodes',
      }
      expect(judge(list(maxNodes - 2))).toBeInstanceOf(Tree)
      expect(judge(list(maxNodes - 1))).toMatchObject(tooWide)
      if (maxDepth < 3) continue
      expect(judge(items((maxNodes - 2) / 2))).toBeInstanceOf(Tree)
      expect(judge(items(maxNodes / 2))).toMatchObject(tooWide)
    }
  })

  it('may be as it likes where the limits are off', () => {
    const check = bodyCheck(Tree, {whitelist: 'refuse'})
    const off = {maxDepth: 'off', maxNodes: 'off'} as const
    for (const message of [deep(500), deepList(500), list(200_000), items(200_000)]) {
      expect(check.judge(message, false, off)).toBeInstanceOf(Tree)
      expect(shapeFault(message, off)).toBeUndefined()
    }
  })

  it('is what compiled code, and the walk that tells what is wrong, find to be sound alike', () => {
    const tree = fc.letrec<{tree: object}>(tie => ({
      tree: fc.record(
        {
          name: fc.string(),
          free: fc.oneof(fc.object({maxDepth: 4}), fc.constant({})),
          list: fc.array(fc.jsonValue({maxDepth: 3}), {maxLength: 6}),
          items: fc.array(fc.record({name: fc.string()}), {maxLength: 6}),
          children: fc.array(tie('tree'), {maxLength: 3}),
        },
        {requiredKeys: []},
      ),
    })).tree
    const limits = fc.record({
      maxDepth: fc.integer({min: 1, max: 8}),
      maxNodes: fc.integer({min: 1, max: 40}),
    })
    const checks = (['refuse', 'strip', 'keep'] as const).map(whitelist => bodyCheck(Tree, {whitelist}))
    fc.assert(
      fc.property(tree, limits, (drawn, within) => {
        const message = JSON.parse(JSON.stringify(drawn)) as object
        const fault = shapeFault(message, within)
        for (const check of checks) {
          const outcome = check.judge(message, false, within)
          if (fault) expect(outcome).toEqual(fault)
          else expect((outcome as Refusal).exceeded).toBeUndefined()
        }
      }),
      {numRuns: 2_000},
    )
  })

  it('is not asked of what the server says itself', () => {
    const check = bodyCheck(Tree, {whitelist: 'refuse'})
    expect(check.judgeNow(list(20_000))).toBeInstanceOf(Tree)
    expect(check.judgeNow(deep(40))).toBeInstanceOf(Tree)
  })

  it.each([null, 5, 'x', [], true, undefined, Buffer.from('{}'), new Uint8Array(1)])(
    'is an object: not %j',
    value => {
      for (const outcome of [
        shapeFault(value, defaultLimits),
        bodyCheck(Tree, {whitelist: 'strip'}).judge(value, false),
      ])
        expect((outcome as Refusal).details).toEqual([
          {path: '', rule: 'shape', message: 'a message must be an object'},
        ])
    },
  )
})
