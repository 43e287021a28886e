import {addressOf, withScheme} from '#candy/client/address.js'
import {describe, expect, it, onTestFinished, vi} from 'vitest'

const base = 'https://chat.example'

describe('The address of a route', () => {
  it.each([
    ['/notifications', `${base}/notifications`],
    ['/game?room=7', `${base}/game?room=7`],
    ['wss://other.example/a?b=c', 'wss://other.example/a?b=c'],
    ['http://other.example:81/a', 'http://other.example:81/a'],
    ['/a#b', `${base}/a`],
  ])('%s is %s', (path, address) => {
    expect(addressOf(path, {}, base).href).toBe(address)
  })

  it('has what stands for its parameters, and its query', () => {
    const options = {params: {id: 'a b?ü%', n: 7, other: 'x'}, query: {a: '1 2', b: '&='}}
    const {pathname, searchParams} = addressOf('/room/{id}/{n}?c=d', options, base)
    expect(decodeURIComponent(pathname)).toBe('/room/a b?ü%/7')
    expect([...searchParams]).toEqual([
      ['c', 'd'],
      ['a', '1 2'],
      ['b', '&='],
    ])
  })

  it.each([undefined, null, '', '.', '..', 'a/b', 'a\\b', '\0', true, {}])(
    'has no parameter that cannot stand in a path: %j',
    id => {
      expect(() => addressOf('/room/{id}', {params: {id}}, base)).toThrow(
        /^\/room\/\{id\} needs a value for id/,
      )
    },
  )

  it('is that of the page it stands in, where it is a path only', () => {
    vi.stubGlobal('location', {href: 'https://page.example/a/b?c#d'})
    onTestFinished(() => void vi.unstubAllGlobals())
    expect(addressOf('/e', {}, undefined).href).toBe('https://page.example/e')
    expect(addressOf('/e', {}, base).href).toBe(`${base}/e`)
  })

  it('needs a server where there is no page', () => {
    expect(() => addressOf('/e', {}, undefined)).toThrow('Where is the server? /e is a path only')
    expect(addressOf('ws://chat.example/e', {}, undefined).href).toBe('ws://chat.example/e')
  })

  it.each([
    ['localhost:3000/chat', undefined],
    ['ftp://chat.example', undefined],
    ['/a', 'file:///tmp'],
    ['/a', 'localhost:3000'],
    ['https://', undefined],
  ])('is none: %s at %s', (path, at) => {
    expect(() => addressOf(path, {}, at)).toThrow(TypeError)
  })
})

describe('The scheme of an address', () => {
  it.each([
    ['http://a.example/b', 'ws', 'ws://a.example/b'],
    ['https://a.example/b', 'ws', 'wss://a.example/b'],
    ['ws://a.example:81/b', 'http', 'http://a.example:81/b'],
    ['wss://a.example/b', 'http', 'https://a.example/b'],
    ['wss://a.example/b', 'ws', 'wss://a.example/b'],
  ] as const)('of %s for %s makes it %s', (from, kind, to) => {
    const url = new URL(from)
    expect(withScheme(url, kind).href).toBe(to)
    expect(url.href).toBe(from)
  })
})
