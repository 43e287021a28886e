import {callerSource, showSource, sourceOf} from '#candy/routing/source.js'
import {relative} from 'node:path'
import {describe, expect, it} from 'vitest'

describe('the place of a declaration', () => {
  it("is the author's line", () => {
    const source = callerSource()!
    expect(relative(import.meta.dirname, source.file)).toBe('source.test.ts')
    expect(source.line).toBe(7)
  })

  it('is shown relative to the app folder', () => {
    expect(showSource({file: '/app/controllers/room.ts', line: 12}, '/app')).toBe('controllers/room.ts:12')
  })

  it('is shown whole where it lies outside', () => {
    expect(showSource({file: '/other/room.ts', line: 12}, '/app')).toBe('/other/room.ts:12')
    expect(showSource({file: '/application/room.ts', line: 1}, '/app')).toBe('/application/room.ts:1')
  })

  it('is told when it is not known', () => {
    expect(showSource(undefined, '/app')).toBe('(unknown place)')
  })
})

describe('a stack', () => {
  it.each([
    ['a named function', '    at declare (/app/route/chat.js:3:7)'],
    ['top level code', '    at /app/route/chat.js:3:7'],
    ['a URL', '    at file:///app/route/chat.js:3:7'],
    ['a URL with a query', '    at declare (file:///app/route/chat.js?candy=2.js:3:7)'],
    ['an async function', '    at async /app/route/chat.js:3:7'],
    ['a constructor', '    at new Room (/app/route/chat.js:3:7)'],
    ['the head of a syntax error', '/app/route/chat.js:3'],
  ])('gives the place of %s', (_, line) => {
    expect(sourceOf(`Error: no\n${line}`)).toEqual({file: '/app/route/chat.js', line: 3})
  })

  it('skips Node, packages and this package', () => {
    const own = new URL('../../dist/routing/chain.js', import.meta.url).href
    const stack = [
      'Error: no',
      `    at RouteChain.ws (${own}:38:1)`,
      `    at RouteChain.ws (${own.replace('/dist/', '/src/').replace('.js', '.ts')}:40:1)`,
      '    at Module._compile (node:internal/modules/cjs/loader:1:2)',
      '    at resolve (/app/node_modules/tsyringe/dist/cjs/index.js:1:2)',
      '    at /app/route/chat.js:3:7',
    ].join('\n')
    expect(sourceOf(stack)).toEqual({file: '/app/route/chat.js', line: 3})
  })

  it('without a file gives no place', () => {
    expect(sourceOf('Error: no\n    at node:internal/main:1:1')).toBeUndefined()
  })
})
