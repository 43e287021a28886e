import {parseTarget} from '#candy/handshake/target.js'
import {array, assert, constantFrom, property} from 'fast-check'
import {describe, expect, it} from 'vitest'

const read = (text: string) => parseTarget(text, 2_048)

describe('a request target', () => {
  it('is taken apart at its slashes, and decoded once', () => {
    expect(read('/room/a%20b/%2561?q=1')).toEqual({segments: ['room', 'a b', '%61'], query: {q: '1'}})
  })

  it('may end with a slash, and keeps the empty segments before that', () => {
    expect(read('/')).toEqual({segments: [], query: {}})
    expect(read('/a/')).toEqual({segments: ['a'], query: {}})
    expect(read('/a//')).toEqual({segments: ['a', ''], query: {}})
    expect(read('/a//b')).toEqual({segments: ['a', '', 'b'], query: {}})
  })

  it('has slashes in its query that are not its segments', () => {
    expect(read('/a?b=/c/d')).toEqual({segments: ['a'], query: {b: '/c/d'}})
    expect(read('/a/?b=/c')).toEqual({segments: ['a'], query: {b: '/c'}})
  })

  it.each(['', 'a', '//a', '/a#b', '/a?b#c', '/a\\b', '/a?b=\\', '/a%00', '/a?b=%00', '/a%2fb', '/a%5Cb'])(
    'is malformed as %j',
    text => expect(read(text)).toBe(400),
  )

  it.each(['/.', '/..', '/a/../b', '/a/.', '/%2e', '/a/%2E%2e/b', '/a/.%2e', '/%zz', '/a?b=%zz'])(
    'is malformed as %j',
    text => expect(read(text)).toBe(400),
  )

  it('is too long by one character', () => {
    expect(parseTarget('/abc', 4)).toEqual({segments: ['abc'], query: {}})
    expect(parseTarget('/abcd', 4)).toBe(414)
  })
})

it('is read as the rules say it, whatever it is made of', () => {
  const piece = constantFrom(
    '/',
    'a',
    '.',
    '?',
    '#',
    '\\',
    '%',
    '%41',
    '%2f',
    '%2F',
    '%5c',
    '%00',
    '%2e',
    '=',
  )
  assert(
    property(array(piece, {maxLength: 9}), pieces => {
      const text = `/${pieces.join('')}`
      const target = read(text)
      expect(typeof target === 'number' ? target : target.segments).toEqual(segmentsByRule(text))
    }),
    {numRuns: 3_000},
  )
})

/** Split first, each segment decoded once; what two parsers could read in two ways is refused. */
function segmentsByRule(text: string): string[] | 400 {
  const [path = '', query = ''] = text.split(/\?(.*)/s)
  if (path.startsWith('//') || /[#\\]|%00/.test(text) || /%2f|%5c/i.test(path)) return 400
  try {
    decodeURIComponent(query)
    const segments = path
      .replace(/\/$/, '')
      .split('/')
      .slice(1)
      .map(raw => decodeURIComponent(raw))
    return segments.some(segment => segment === '.' || segment === '..') ? 400 : segments
  } catch {
    return 400
  }
}
