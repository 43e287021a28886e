import {afterEach, expect, it, vi} from 'vitest'
import {blocks, filesOf, seedApp} from './seed.js'

afterEach(() => {
  vi.unstubAllGlobals()
})

const server = blocks.filter(({heading}) => heading !== 'Client-Side Usage')
const declaring = server.filter(({code}) => code.includes('Candy.Route.'))

it('finds the blocks of the seed: 16, of them 11 that declare routes or middleware', () => {
  expect(server).toHaveLength(16)
  expect(declaring).toHaveLength(11)
})

it.each(declaring.map(({heading, code}, index) => [`${heading} (${index})`, code] as const))(
  'loads unchanged, in an app of its own: %s',
  async (_, code) => {
    vi.stubGlobal('handler', () => undefined)
    const pass = 'module.exports = () => true\n'
    const app = await seedApp(code, {'web/middleware/auth-check.js': pass})
    const paths = [...code.matchAll(/\.ws\('([^']+)'/g)].map(match => match[1])
    expect(app.routes().map(route => route.path)).toEqual(paths)
    expect(app.routes().map(route => route.source.split(':')[0])).toEqual(
      paths.map(() => 'web/route/websocket.js'),
    )
  },
)

it('splits a block at its file comments and keeps every character of it', () => {
  const custom = server.find(({code}) => code.includes('// middleware/'))!.code
  const files = filesOf(custom)
  expect(Object.keys(files)).toEqual(['web/middleware/websocket-auth.js', 'web/route/websocket.js'])
  expect(Object.values(files).join('')).toBe(`${custom}\n`)
})
