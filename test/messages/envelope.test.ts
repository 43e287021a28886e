import * as fc from 'fast-check'
import {errorTo, readMessage, replyText} from '#candy/messages/envelope.js'
import {describe, expect, it} from 'vitest'

const read = (text: string) => readMessage(Buffer.from(text), false)
const refOf = (ref: string) => read(`{"type":"say","ref":${ref}}`).ref

describe('5. The envelope', () => {
  it('has a type only where it is a string', () => {
    expect(read('{"type":"say"}').type).toBe('say')
    expect(read('{"type":""}').type).toBe('')
    for (const text of ['{"type":7}', '{"type":null}', '{}', '["type"]', '"type"', '7', 'null', 'type'])
      expect(read(text).type).toBeUndefined()
  })

  it('has a ref that is a finite number or a string of at most 64 characters', () => {
    expect(['0', '-1.5', '1e300', '""', '"a"'].map(refOf)).toEqual([0, -1.5, 1e300, '', 'a'])
    expect(refOf(JSON.stringify('x'.repeat(64)))).toBe('x'.repeat(64))
  })

  it('treats any other ref as absent', () => {
    const others = ['null', 'true', '{}', '[1]', '1e999', JSON.stringify('x'.repeat(65))]
    for (const ref of others) expect(refOf(ref)).toBeUndefined()
  })

  it('never throws, whatever comes, and keeps what it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({maxLength: 200}), fc.boolean(), (bytes, binary) => {
        const data = Buffer.from(bytes)
        const message = readMessage(data, binary)
        if (binary)
          expect(message).toEqual({
            value: data,
            form: 'binary',
            type: undefined,
            ref: undefined,
            badRef: false,
          })
        else expect(['json', 'text']).toContain(message.form)
      }),
    )
  })

  it('reads every JSON value as it was written', () => {
    fc.assert(
      fc.property(fc.json(), text => {
        expect(read(text)).toMatchObject({form: 'json'})
        expect(read(text).value).toEqual(JSON.parse(text))
      }),
    )
  })

  it('gives no object another prototype', () => {
    const {value} = read('{"__proto__":{"admin":true},"type":"x"}')
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect((value as {admin?: boolean}).admin).toBeUndefined()
  })

  it('replies with data, null for undefined', () => {
    expect(replyText(1, {a: 1})).toBe('{"type":"reply","ref":1,"data":{"a":1}}')
    expect(replyText('"', undefined)).toBe('{"type":"reply","ref":"\\"","data":null}')
  })

  it('has no ref and no details in an error frame where there are none', () => {
    expect(JSON.stringify(errorTo(undefined, 'CODE', 'text'))).toBe(
      '{"type":"error","code":"CODE","message":"text"}',
    )
    expect(JSON.stringify(errorTo(0, 'CODE', 'text', []))).toBe(
      '{"type":"error","ref":0,"code":"CODE","message":"text","details":[]}',
    )
  })
})
