import {parsePattern} from '#candy/routing/pattern.js'
import {Table} from '#candy/routing/table.js'
import {array, assert, constantFrom, property, uniqueArray} from 'fast-check'
import {describe, expect, it} from 'vitest'

/** A table whose values are the paths themselves. */
function tableOf(...paths: string[]): Table<string> {
  const table = new Table<string>()
  for (const path of paths) table.add(parsePattern(path, 'test:1'), path)
  return table
}

const segmentsOf = (path: string) => path.split('/').slice(1)

function match(table: Table<string>, path: string) {
  return table.match(segmentsOf(path))
}

function visits(table: Table<string>, path: string): number {
  let count = 0
  table.match(segmentsOf(path), () => (count += 1))
  return count
}

function many(count: number): Table<string> {
  return tableOf(
    ...Array.from({length: count}, (_, index) =>
      index % 2 === 0 ? `/app/r${index}/{id}/edit` : `/app/{group}/x${index}/edit`,
    ),
  )
}

describe('a match', () => {
  it('prefers static text to a parameter, whatever was declared first', () => {
    expect(match(tableOf('/{a}', '/me'), '/me')?.value).toBe('/me')
    expect(match(tableOf('/me', '/{a}'), '/me')?.value).toBe('/me')
    expect(match(tableOf('/me', '/{a}'), '/you')?.value).toBe('/{a}')
  })

  it('lets the earlier segment decide', () => {
    const table = tableOf('/{a}/b/c', '/a/{b}/{c}')
    expect(match(table, '/a/b/c')?.value).toBe('/a/{b}/{c}')
  })

  it('goes back where static text led nowhere', () => {
    const table = tableOf('/a/b/c', '/a/{x}/d', '/{x}/b/{y}')
    expect(match(table, '/a/b/d')).toEqual({value: '/a/{x}/d', params: {x: 'b'}})
    expect(match(table, '/a/b/e')).toEqual({value: '/{x}/b/{y}', params: {x: 'a', y: 'e'}})
    expect(match(table, '/a/c/e')).toBeUndefined()
  })

  it('forgets the values of a way it left', () => {
    const table = tableOf('/{a}/{b}/x', '/{a}/y')
    expect(match(table, '/1/y')?.params).toEqual({a: '1'})
  })

  it('takes exactly one whole segment for a parameter, and never an empty one', () => {
    const table = tableOf('/room/{id}')
    expect(match(table, '/room/7')?.params).toEqual({id: '7'})
    expect(match(table, '/room')).toBeUndefined()
    expect(match(table, '/room/')).toBeUndefined()
    expect(match(table, '/room/7/8')).toBeUndefined()
  })

  it('holds regex characters for what they are', () => {
    const table = tableOf('/a.b', '/c+', '/(d|e)', '/f*')
    expect(match(table, '/axb')).toBeUndefined()
    expect(match(table, '/cc')).toBeUndefined()
    expect(match(table, '/d')).toBeUndefined()
    expect(match(table, '/ff')).toBeUndefined()
    expect(match(table, '/a.b')?.value).toBe('/a.b')
    expect(match(table, '/(d|e)')?.value).toBe('/(d|e)')
  })

  it('knows nothing by the names every object has', () => {
    const table = tableOf('/a')
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
      expect(match(table, `/${name}`)).toBeUndefined()
  })

  it('gives a parameter named __proto__ its value, and no object its prototype', () => {
    const found = match(tableOf('/{__proto__}/{constructor}'), '/x/y')!
    expect(Object.entries(found.params)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
    expect('toString' in found.params).toBe(false)
    expect(Object.keys(Object.getPrototypeOf(found.params) as object)).toEqual([])
  })

  it('keeps the parameter names of each route, where they share a segment', () => {
    const table = tableOf('/a/{x}/1', '/a/{y}/2')
    expect(match(table, '/a/7/1')?.params).toEqual({x: '7'})
    expect(match(table, '/a/7/2')?.params).toEqual({y: '7'})
  })
})

describe('adding', () => {
  it('returns what already stands for the same addresses', () => {
    const table = tableOf('/a/{x}')
    expect(table.add(parsePattern('/a/<y>/', 'test:1'), 'second')).toBe('/a/{x}')
    expect(match(table, '/a/1')?.value).toBe('/a/{x}')
  })

  it('takes routes that overlap without being the same', () => {
    const table = tableOf('/a/{x}')
    expect(table.add(parsePattern('/{x}/a', 'test:1'), 'second')).toBeUndefined()
    expect(table.add(parsePattern('/a/b', 'test:1'), 'third')).toBeUndefined()
  })
})

describe('the work of a match', () => {
  it('is the same at 10 and at 10,000 routes', () => {
    const [few, lots] = [many(10), many(10_000)]
    for (const path of ['/app/r4/7/edit', '/app/any/x5/edit', '/app/r4/x5/nothing', '/nowhere', '/app/q/q/q'])
      expect(visits(lots, path)).toBe(visits(few, path))
    expect(visits(lots, '/app/r4/7/edit')).toBe(5)
    expect(match(lots, '/app/r9998/7/edit')?.value).toBe('/app/r9998/{id}/edit')
  })

  it('is bounded by the address and not by the routes where it goes back at every segment', () => {
    let paths = ['']
    for (let depth = 0; depth < 6; depth += 1) paths = paths.flatMap(at => [`${at}/a`, `${at}/{p${depth}}`])
    expect(visits(tableOf(...paths.map(path => `${path}/end`)), '/a/a/a/a/a/a/none')).toBe(2 ** 7 - 1)
  })
})

it('agrees with a search through all routes, segment by segment', () => {
  const segment = constantFrom('a', 'b', '{p}')
  const path = array(segment, {minLength: 1, maxLength: 4}).map(named)
  const address = array(constantFrom('a', 'b', 'c'), {minLength: 1, maxLength: 4}).map(
    parts => `/${parts.join('/')}`,
  )
  assert(
    property(uniqueArray(path, {maxLength: 12}), address, (paths, at) => {
      expect(match(tableOf(...paths), at)?.value).toBe(best(paths, at))
    }),
    {numRuns: 300},
  )
})

/** Each parameter a name of its own, by its position. */
function named(parts: readonly string[]): string {
  return `/${parts.map((part, index) => (part === '{p}' ? `{p${index}}` : part)).join('/')}`
}

/** The rule as it is written: of all that fit, the one whose earlier segments are static. */
function best(paths: readonly string[], at: string): string | undefined {
  const wanted = segmentsOf(at)
  const rank = (path: string) =>
    segmentsOf(path)
      .map(part => (part.startsWith('{') ? '1' : '0'))
      .join('')
  return paths
    .filter(path => {
      const parts = segmentsOf(path)
      return (
        parts.length === wanted.length &&
        parts.every((part, index) => part.startsWith('{') || part === wanted[index])
      )
    })
    .toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))[0]
}
