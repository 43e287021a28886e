import {beforeAll, describe, expect, it} from 'vitest'
import {join} from 'node:path'
import {candy} from '../support/candy.js'

interface Row {
  readonly path: string
  readonly handler?: string
  readonly source?: string
  readonly [field: string]: unknown
}

/** What `candy routes --json` prints of a fixture. */
async function rowsOf(fixture: string): Promise<Row[]> {
  const {code, stdout, stderr} = await candy(
    'routes',
    join(import.meta.dirname, 'fixtures', fixture),
    '--json',
  )
  expect({code, stderr}).toEqual({code: 0, stderr: ''})
  return JSON.parse(stdout) as Row[]
}

function withoutPlace(rows: readonly Row[]): Row[] {
  return rows.map(({handler: _handler, source: _source, ...row}) => row)
}

describe('20 routes declared as functions and as classes', () => {
  let functional: Row[]
  let decorated: Row[]
  beforeAll(async () => {
    ;[functional, decorated] = await Promise.all([rowsOf('functional'), rowsOf('decorated')])
  })

  it('are the same rows, apart from handler and source', () => {
    expect(functional).toHaveLength(20)
    expect(withoutPlace(decorated)).toEqual(withoutPlace(functional))
  })

  it('are sorted by path, and have every field', () => {
    expect(functional.map(({path}) => path)).toEqual(functional.map(({path}) => path).toSorted())
    const fields = ['kind', 'path', 'params', 'token', 'auth', 'use', 'options', 'handler', 'source']
    for (const row of [...functional, ...decorated]) expect(Object.keys(row)).toEqual(fields)
  })

  it('say what was declared', () => {
    const plain = {kind: 'ws', params: [], token: true, auth: false, use: [], options: {}}
    const said = new Map(withoutPlace(functional).map(row => [row.path.slice(0, 3), row]))
    expect(said.get('/01')).toEqual({...plain, path: '/01'})
    expect(said.get('/02')).toEqual({...plain, path: '/02', token: false})
    expect(said.get('/07')).toEqual({...plain, path: '/07', auth: true, use: ['door', 'window']})
    expect(said.get('/09')).toEqual({...plain, path: '/09', use: ['door', 'named', 'Guard']})
    expect(said.get('/10')).toEqual({...plain, path: '/10', use: ['door', 'window']})
    expect(said.get('/12')).toEqual({...plain, path: '/12/{a}/between/{b}', params: ['a', 'b']})
    expect(said.get('/17')).toEqual({...plain, path: '/17', options: {parallel: 4}})
    expect(said.get('/19')).toEqual({
      ...plain,
      path: '/19',
      options: {limits: {maxPayload: 1024, closeTimeout: 'off'}},
    })
    expect(said.get('/20')).toEqual({...plain, path: '/20'})
  })

  it('name handler and line', () => {
    expect(functional[0]).toMatchObject({handler: 'handler', source: 'route/all.js:8'})
    expect(decorated[0]).toMatchObject({handler: 'Route01', source: 'controllers/all.ts:12'})
    expect(decorated[2]).toMatchObject({handler: 'Route03', source: 'controllers/all.ts:20'})
  })
})
