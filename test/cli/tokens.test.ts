import {firstDifference} from '#candy/cli/tokens.js'
import {describe, expect, it} from 'vitest'

const written = `export interface Contract {
  '/room': {
    sends: {
      'größe': ('a' | 'it\\'s')[]
      say: 'x y' | 'z'
    }
  }
}
`

describe('a file that a formatter has been over', () => {
  it.each([
    ['other quotes', written.replaceAll("'", '"').replace('it\\"s', "it's")],
    [
      'semicolons, tabs and lines',
      written.replaceAll('  ', '\t').replaceAll('\n', ';\n\n').replaceAll('{;', '{'),
    ],
    ['names without quotes, or with', written.replace("'größe'", 'größe').replace('say:', '"say":')],
    ['a bar before the first of several', written.replace("'x y' |", "\n        | 'x y'\n        |")],
  ])('says the same: %s', (_, formatted) => {
    expect(formatted).not.toBe(written)
    expect(firstDifference(formatted, written)).toBeUndefined()
  })

  it.each([
    ['a blank in a literal', written.replace("'x y'", "'xy'"), 5],
    ['another name', written.replace('say', 'said'), 5],
    ['a literal for a type', written.replace("'z'", 'z'), 5],
    ['one type less', written.replace(" | 'z'", ''), 6],
    ['an end', written.slice(0, -3), 7],
    ['more', `${written}export {}\n`, 9],
    ['nothing', '', 1],
  ])('says something else: %s', (_, other, line) => {
    expect(firstDifference(other, written)).toBe(line)
  })
})
