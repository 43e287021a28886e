import {createApp} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {describeError, guardLogger} from '#candy/log.js'
import {inspect} from 'node:util'
import {describe, expect, it} from 'vitest'
import {serve} from './support/serve.js'

const levels = ['debug', 'info', 'warn', 'error'] as const
const fails = () => {
  throw new Error('disk full')
}

const rejects = async () => fails()

describe('The log', () => {
  it('cuts what a text may be long with, the words of an error too, and leaves its calls', () => {
    const lines: [object, string][] = []
    const keep = (fields: object, message: string) => void lines.push([fields, message])
    const log = guardLogger({debug: keep, info: keep, warn: keep, error: keep})
    const long = 'x'.repeat(100_000)
    log.error({origin: long, tries: 3, ...describeError(new Error(`no ${long}`))}, 'told')
    const [[fields, message]] = lines as [[Record<string, string>, string]]
    expect(message).toBe('told')
    expect(fields).toMatchObject({tries: 3, origin: `${'x'.repeat(255)}…`})
    expect(fields.error).toMatch(/^Error: no x+…$/)
    expect(fields.error!.length).toBe(256)
    expect(fields.stack).toMatch(/^Error: no x+…\n\s+at .*log\.test/)
    expect(fields.stack!.length).toBeLessThan(8_193)
    expect(describeError(long).error.length).toBe(256)
  })

  it('describes whatever was thrown, and never throws itself', () => {
    const hostile = new Error('x')
    Object.defineProperty(hostile, 'message', {
      get() {
        throw new Error('no')
      },
    })
    const trap = new Proxy(
      {},
      {
        getPrototypeOf() {
          throw new Error('no')
        },
      },
    )
    expect(describeError(new TypeError('boom'))).toEqual({
      error: 'TypeError: boom',
      stack: expect.stringContaining('log.test'),
    })
    const thrown = [null, undefined, 'text', 5, Symbol('s'), {}, Object.create(null), hostile, trap]
    for (const value of thrown) expect(describeError(value).error).toMatch(/^thrown: /)
  })

  it('says of a thrown object its class and its message, in one short line, and runs none of its code', () => {
    class Ticket {
      readonly url = '/pay?token=secret'
      readonly message = 'no seat'
    }
    const said = (thrown: unknown) => describeError(thrown).error
    expect(said(new Ticket())).toBe('thrown: [Ticket] no seat')
    expect(said({code: 7, customer: {name: 'Ann'}})).toBe('thrown: [Object]')
    expect(said(['secret'])).toBe('thrown: [Array]')
    expect(said(new URL('https://a.example/?token=secret'))).not.toContain('secret')
    expect(said({message: 'x'.repeat(1_000)}).length).toBe(256)
    let ran = 0
    const own = {
      get message() {
        return String((ran += 1))
      },
      toString: () => String((ran += 1)),
      [inspect.custom]: () => (ran += 1),
    }
    expect(said(own)).toBe('thrown: [Object]')
    expect(ran).toBe(0)
  })

  it('says nothing of the query where a request is thrown', async () => {
    const {app, log} = await serve({}, ({Route}) =>
      Route.ws('/', ({Request}) => Promise.reject(Request), {token: false}),
    )
    expect((await (await connect(app, '/?ticket=secret')).closed).code).toBe(1011)
    expect(log.lines).toContainEqual(expect.objectContaining({error: 'thrown: [CandyRequest]'}))
    expect(JSON.stringify(log.lines)).not.toContain('secret')
  })

  it('hurts nobody when the logger throws or rejects', async () => {
    for (const fail of [fails, rejects as () => never]) {
      const logger = {debug: fail, info: fail, warn: fail, error: fail}
      for (const level of levels) guardLogger(logger)[level]({}, 'x')
      const app = await createApp({logger})
      try {
        app.Route.ws(
          '/throws',
          () => {
            throw new Error('boom')
          },
          {token: false},
        )
        app.Route.ws('/echo', Candy => Candy.ws.on('message', data => Candy.ws.send(data)), {token: false})
        expect(await (await connect(app, '/throws', {token: false})).closed).toMatchObject({code: 1011})
        const a = await connect(app, '/echo', {token: false})
        a.send('alive')
        expect(await a.next()).toBe('alive')
      } finally {
        await app.close()
      }
    }
  })
})
