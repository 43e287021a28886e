import 'reflect-metadata'
import {Type} from 'class-transformer'
import {IsArray, IsObject, IsOptional, IsString, ValidateNested} from 'class-validator'
import {describe, expect, it} from 'vitest'
import {Refusal} from '#candy/messages/refusal.js'
import {maxDepth, maxNodes, shapeFault} from '#candy/messages/shape.js'
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
      expect(visited()).toBeLessThan(2 * maxNodes + 100)
    }
    const {message: watched, visited} = counting(message)
    expect(shapeFault(watched)).toBeInstanceOf(Refusal)
    expect(visited()).toBeLessThanOrEqual(maxNodes + 1)
  })

  it('may be as deep, and as wide, as the limits say, and not by one more', () => {
    const check = bodyCheck(Tree, {whitelist: 'refuse'})
    for (const make of [deep, deepList]) {
      expect(check.judge(make(maxDepth), false)).toBeInstanceOf(Tree)
      expect(check.judge(make(maxDepth + 1), false)).toBeInstanceOf(Refusal)
    }
    const list = (count: number) => ({list: Array.from({length: count}, () => 1)})
    const items = (count: number) => ({items: Array.from({length: count}, () => ({name: 'a'}))})
    // The message and its list are two values.
    expect(check.judge(list(maxNodes - 2), false)).toBeInstanceOf(Tree)
    expect(check.judge(list(maxNodes - 1), false)).toBeInstanceOf(Refusal)
    expect(check.judge(items((maxNodes - 2) / 2), false)).toBeInstanceOf(Tree)
    expect(check.judge(items(maxNodes / 2), false)).toBeInstanceOf(Refusal)
  })

  it.each([null, 5, 'x', [], true, undefined, Buffer.from('{}'), new Uint8Array(1)])(
    'is an object: not %j',
    value => {
      for (const outcome of [shapeFault(value), bodyCheck(Tree, {whitelist: 'strip'}).judge(value, false)])
        expect((outcome as Refusal).details).toEqual([
          {path: '', rule: 'shape', message: 'a message must be an object'},
        ])
    },
  )
})
