import {parsePattern} from '#candy/routing/pattern.js'
import {BootError} from 'candy-ws'
import {describe, expect, it} from 'vitest'

const parse = (path: unknown) => parsePattern(path, 'controllers/room.ts:12')

function problemOf(path: unknown) {
  try {
    parse(path)
  } catch (error) {
    expect(error).toBeInstanceOf(BootError)
    return (error as BootError).problems[0]!
  }
  throw new Error(`${String(path)} is taken for a path`)
}

describe('the path syntax', () => {
  it('reads {id} and <id> as the same, and prints {id}', () => {
    expect(parse('/room/<id>')).toEqual(parse('/room/{id}'))
    expect(parse('/room/<id>').path).toBe('/room/{id}')
  })

  it('names the parameters in order', () => {
    expect(parse('/z/{second}/<first>/{_A9}').params).toEqual(['second', 'first', '_A9'])
  })

  it('ignores a trailing slash', () => {
    expect(parse('/room/{id}/')).toEqual(parse('/room/{id}'))
    expect(parse('/').path).toBe('/')
    expect(parse('/').segments).toEqual([])
  })

  it('keeps regex characters as they are', () => {
    expect(parse('/a.b+c*(d)|[e]^$').segments).toEqual([{literal: 'a.b+c*(d)|[e]^$'}])
  })

  it.each([
    ['no leading slash', 'room/{id}'],
    ['the empty path', ''],
    ['an open brace', '/{id'],
    ['an open angle bracket', '/<id'],
    ['a closing brace alone', '/id}'],
    ['brackets of two kinds', '/{id>'],
    ['a digit first', '/{1x}'],
    ['no name', '/{}'],
    ['a dash in a name', '/{user-id}'],
    ['a parameter behind text', '/a{b}'],
    ['a parameter before text', '/{b}a'],
    ['two parameters in one segment', '/{a}{b}'],
    ['an empty segment', '/a//b'],
    ['a dot segment', '/a/../b'],
    ['a query', '/a?b=1'],
    ['a fragment', '/a#b'],
    ['a backslash', '/a\\b'],
    ['a space', '/a b'],
    ['a number', 7],
    ['nothing', undefined],
  ])('refuses %s', (_, path) => {
    expect(problemOf(path)).toMatchObject({code: 'MALFORMED_PATH', place: 'controllers/room.ts:12'})
    expect(problemOf(path).remedy).not.toBe('')
  })

  it.each([
    ['/d/:id', "{id} or <id>: write '/d/{id}'"],
    ['/d/:id/e/[other]/', "write '/d/{id}/e/{other}/'"],
    [
      '/f/[...rest]',
      "There are no wildcards: a parameter is one whole segment, {id} or <id>: write '/f/{rest}'",
    ],
    ['/e/*', 'There are no wildcards'],
    ['/e/**/f', 'There are no wildcards'],
    ['/d/:file.json', 'A parameter is one whole segment, {id} or <id>.'],
    ['/d/:id/*', 'A parameter is one whole segment, {id} or <id>.'],
    ['/d/{id?}', 'There are no optional parameters: declare two routes'],
    ['/d/<id?>', 'There are no optional parameters: declare two routes'],
    ['/d/:id?', 'There are no optional parameters: declare two routes'],
  ])('refuses %s, which other routers read as a pattern, and says how it is written here', (path, remedy) => {
    expect(problemOf(path)).toMatchObject({
      code: 'MALFORMED_PATH',
      message: `the path ${JSON.stringify(path)} is malformed`,
      remedy: expect.stringContaining(remedy) as string,
    })
  })

  it.each(['/a*', '/***', '/(id)', '/a:id', '/:', '/:1', '/[1]', '/[id]s', '/[a-z]', '/[[id]]', '/[..id]'])(
    'takes %s for literal text',
    path => {
      expect(parse(path).segments).toEqual([{literal: path.slice(1)}])
    },
  )

  it('refuses one parameter twice, however it is bracketed', () => {
    expect(problemOf('/a/{id}/b/<id>')).toMatchObject({
      code: 'DUPLICATE_PARAMETER',
      place: 'controllers/room.ts:12',
      message: expect.stringContaining('{id} twice') as string,
    })
  })

  it.each(['__proto__', 'constructor', 'hasOwnProperty'])('takes %s for a parameter name', name => {
    expect(parse(`/{${name}}`).params).toEqual([name])
  })
})
