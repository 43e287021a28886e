import {clock, lineOf, sizeOf, sizeWords, type Frame} from '#candy/page/frame.js'
import {describe, expect, it} from 'vitest'

const line = (way: Frame['way'], data: Frame['data']) => lineOf({id: 1, at: 0, way, data})

describe('A frame in a line', () => {
  it('begins with its type', () => {
    expect(line('in', '{"type": "said",\n "text": "hi"}')).toEqual({
      type: 'said',
      rest: 'text: "hi"',
      tone: undefined,
    })
    expect(line('out', '{"type": "typing"}')).toEqual({type: 'typing', rest: '', tone: undefined})
  })

  it('shows what can be read at a glance before what holds more', () => {
    const said = {type: 'said', from: {name: 'Ada'}, lines: [1, 2], none: {}, at: 7, text: 'hi'}
    expect(line('in', JSON.stringify(said)).rest).toBe('none: {}, at: 7, text: "hi", from: {…}, lines: [2]')
  })

  it('tells replies and errors that came apart, and none that were sent', () => {
    expect(line('in', '{"type":"reply","ref":1,"data":null}').tone).toBe('reply')
    const error = '{"type":"error","ref":1,"code":"VALIDATION","message":"The message is not valid"}'
    expect(line('in', error)).toEqual({
      type: 'error',
      rest: 'VALIDATION  The message is not valid',
      tone: 'error',
    })
    expect(line('out', error).tone).toBeUndefined()
  })

  it.each(['[1, 2]', 'not JSON', '{"no": "type"}', '{"type": 7}', '{"type": "cut'])(
    'is %s as it came',
    text => {
      expect(line('in', text)).toEqual({type: '', rest: text, tone: undefined})
    },
  )

  it('is one line, and not all of a long text', () => {
    expect(line('in', 'a\n\tb').rest).toBe('a b')
    expect(line('in', 'x'.repeat(100_000)).rest).toHaveLength(400)
    expect(line('in', JSON.stringify({type: 'long', text: 'x'.repeat(10_000)})).rest).toHaveLength(400)
  })

  it('shows bytes in hex', () => {
    expect(line('in', Uint8Array.of(1, 2, 255))).toEqual({type: 'binary', rest: '01 02 ff', tone: undefined})
  })

  it('has the size that it has on the wire', () => {
    expect(sizeOf({id: 1, at: 0, way: 'in', data: 'Zürich'})).toBe(7)
    expect([512, 1234, 2_500_000].map(sizeWords)).toEqual(['512 B', '1.2 kB', '2.5 MB'])
  })

  it('has a time to the millisecond', () => {
    expect(clock(new Date(2026, 0, 2, 3, 4, 5, 67).getTime())).toBe('03:04:05.067')
  })
})
