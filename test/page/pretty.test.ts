import {bytesOf, hex, hexDump, layOut} from '#candy/page/pretty.js'
import * as fc from 'fast-check'
import {describe, expect, it} from 'vitest'

const text = (json: string) =>
  layOut(json)
    .map(({text}) => text)
    .join('')

describe('JSON, laid out', () => {
  it('is what JSON.stringify makes of it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        expect(text(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2))
      }),
    )
  })

  it('keeps every digit of a number, and a name that is there twice', () => {
    expect(text('{"id":12345678901234567890,"a":1.10,"a":2}')).toBe(
      '{\n  "id": 12345678901234567890,\n  "a": 1.10,\n  "a": 2\n}',
    )
  })

  it('tells names from values', () => {
    const kinds = layOut('{"a": ["b", 1, null]}').flatMap(({text, kind}) => (kind ? [[text, kind]] : []))
    expect(kinds).toEqual([
      ['"a"', 'name'],
      ['"b"', 'text'],
      ['1', 'value'],
      ['null', 'value'],
    ])
  })
})

describe('Bytes', () => {
  it('are typed in as hex, with spaces or without', () => {
    expect(bytesOf('00 01 fF')).toEqual(Uint8Array.of(0, 1, 255))
    expect(bytesOf('0x0001\nff')).toEqual(Uint8Array.of(0, 1, 255))
    expect(bytesOf('')).toEqual(new Uint8Array())
  })

  it.each(['0', '0g', 'hello'])('are not typed in as %s', words => {
    expect(bytesOf(words)).toBeUndefined()
  })

  it('come back as they were typed in', () => {
    fc.assert(
      fc.property(fc.uint8Array(), bytes => {
        expect(bytesOf(hex(bytes))).toEqual(bytes)
      }),
    )
  })

  it('are shown sixteen to a line, with what they spell', () => {
    expect(hexDump(new TextEncoder().encode('Candy is sweet.\nYes'))).toBe(
      '000000  43 61 6e 64 79 20 69 73 20 73 77 65 65 74 2e 0a  Candy is sweet..\n' +
        '000010  59 65 73                                         Yes',
    )
  })
})
