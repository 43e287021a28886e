import {createApp} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {describeError, guardLogger, jsonLogger} from '#candy/log.js'
import * as fc from 'fast-check'
import {inspect} from 'node:util'
import {describe, expect, it} from 'vitest'
import {ask, handshake} from './support/raw.js'
import {serve} from './support/serve.js'

const levels = ['debug', 'info', 'warn', 'error'] as const
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

const fails = () => {
  throw new Error('disk full')
}

const rejects = async () => fails()

describe('The log', () => {
  it('is one line of JSON an event, with time, level and message', () => {
    const lines: string[] = []
    jsonLogger(line => lines.push(line)).warn({route: '/room/{id}', tries: 3}, 'told')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^\{.*\}\n$/)
    expect(JSON.parse(lines[0]!)).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      level: 'warn',
      message: 'told',
      route: '/room/{id}',
      tries: 3,
    })
  })

  it('escapes every control character, so that no field forges a line or speaks to a terminal', () => {
    const nasty = 'a\r\nb\u001b[31mc\u009b1md\u0085e\u2028f\u2029g\u007fh\u0000'
    const lines: string[] = []
    const log = jsonLogger(line => lines.push(line))
    log.error({[nasty]: nasty, deep: {[nasty]: [nasty]}}, nasty)
    expect(lines).toHaveLength(1)
    expect(lines[0]!.slice(0, -1)).not.toMatch(unprintable)
    expect(JSON.parse(lines[0]!)).toMatchObject({message: nasty, [nasty]: nasty, deep: {[nasty]: [nasty]}})

    fc.assert(
      fc.property(fc.string({unit: 'binary'}), fc.string({unit: 'binary'}), (message, field) => {
        lines.length = 0
        log.info({field}, message)
        expect(lines[0]!.slice(0, -1)).not.toMatch(unprintable)
        expect(JSON.parse(lines[0]!)).toMatchObject({message, field})
      }),
    )
  })

  it('tells debug only when CANDY_LOG asks for it', () => {
    const lines: string[] = []
    const log = jsonLogger(line => lines.push(line))
    log.debug({}, 'quiet')
    expect(lines).toEqual([])
    process.env.CANDY_LOG = 'debug'
    try {
      log.debug({}, 'told')
    } finally {
      delete process.env.CANDY_LOG
    }
    expect(lines).toHaveLength(1)
  })

  it('keeps what a handshake said of itself out of a line of its own', async () => {
    const {app, port, log} = await serve()
    app.Route.ws(
      '/room/{id}',
      Candy => {
        throw new Error(`no room ${Candy.Request.data.url.id}`)
      },
      {token: false},
    )
    await ask(port, handshake('/room/a%0a%1b%5B31m%c2%9b', {'User-Agent': 'x\u009by'}))
    const lines: string[] = []
    const [line] = log.errors()
    jsonLogger(text => lines.push(text)).error(line!, line!.message)
    expect(line!.route).toBe('/room/{id}')
    expect(lines[0]!.slice(0, -1)).not.toMatch(unprintable)
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

  it('says what a thrown object holds, in one line of bounded length, and runs none of its code', () => {
    const order = {code: 7, lines: [{sku: 'a', deep: {deeper: {deepest: 1}}}], customer: {name: 'Ann'}}
    expect(describeError(order)).toEqual({
      error: "thrown: { code: 7, lines: [ { sku: 'a', deep: [Object] } ], customer: { name: 'Ann' } }",
    })
    let ran = 0
    const own = {
      get total() {
        return (ran += 1)
      },
      toString: () => String((ran += 1)),
      [inspect.custom]: () => (ran += 1),
    }
    expect(describeError(own).error).toContain('total: [Getter]')
    expect(ran).toBe(0)
    const large = Object.fromEntries(Array.from({length: 1_000}, (_, at) => [`key${at}`, 'x'.repeat(1_000)]))
    expect(describeError(large).error.length).toBeLessThan(520)
    expect(describeError(large).error).not.toContain('\n')
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
