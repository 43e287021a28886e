import type {Candy} from 'candy-ws'
import {describe, expect, it, onTestFinished} from 'vitest'
import {ask, handshake, raw} from '../support/raw.js'
import {serve} from '../support/serve.js'

const lines = (count: number) => Object.fromEntries(Array.from({length: count}, (_, n) => [`X-${n}`, 'x']))
const get = (count: number) =>
  `GET / HTTP/1.1\r\nHost: localhost\r\n${Object.keys(lines(count))
    .map(name => `${name}: x\r\n`)
    .join('')}\r\n`

/** Five of a handshake's lines are needed. */
const needed = 5

/** A handshake of so many lines in all, each as short as can be. */
const manyLines = (count: number) =>
  Buffer.concat([handshake('/').subarray(0, -2), Buffer.from(`${'a:\r\n'.repeat(count - needed)}\r\n`)])

const protocols = (bytes: number) =>
  handshake('/', {'Sec-WebSocket-Protocol': `candy.v1, ${'x'.repeat(bytes - 'candy.v1, '.length)}`})

/** Milliseconds: many times a `headersTimeout` of 200, as others use the machine too, and well below any other timeout. */
const late = 3_000

describe('8. limits: the heads of requests, on the own server', () => {
  it('are as many lines as they may, for a handshake and for a page', async () => {
    const {port, log} = await serve({limits: {maxHeaders: 20}}, ({Route}) => {
      Route.ws('/', Candy => Candy.ws.close(), {token: false})
      Route.page('/', () => 'page')
    })
    expect((await ask(port, handshake('/', lines(20 - needed)))).status).toBe(101)
    expect((await ask(port, handshake('/', lines(21 - needed)))).status).toBe(431)
    expect((await ask(port, get(19))).status).toBe(200)
    expect((await ask(port, get(20))).status).toBe(431)
    // Node reads no more than it is told, and leaves out the rest: also the line of the Host.
    expect((await ask(port, get(200))).status).toBe(431)
    const told = log.lines.filter(({event}) => event === 'http.headers')
    expect(told.map(({limit}) => limit)).toEqual(['maxHeaders', 'maxHeaders', 'maxHeaders'])
  })

  it('are as long as they may', async () => {
    const {port, log} = await serve({limits: {maxHeaderSize: 2_000}}, ({Route}) =>
      Route.ws('/', Candy => Candy.ws.close(), {token: false}),
    )
    expect((await ask(port, handshake('/', {'X-Long': 'x'.repeat(1_500)}))).status).toBe(101)
    expect((await ask(port, handshake('/', {'X-Long': 'x'.repeat(2_500)}))).status).toBe(431)
    expect(log.lines).toContainEqual(expect.objectContaining({event: 'http.headers', limit: 'maxHeaderSize'}))
  })

  // With as many bytes as there may be, or one more: the limits are the defaults.
  const path = (bytes: number) => `/${'x'.repeat(bytes - 1)}`
  it.each([
    ['a header of 17 KiB', handshake('/', {'X-Long': 'x'.repeat(17 * 1_024)}), 431, 'maxHeaderSize'],
    ['2,500 lines, in less than 16 KiB', manyLines(2_500), 431, 'maxHeaders'],
    ['101 lines', manyLines(101), 431, 'maxHeaders'],
    ['100 lines', manyLines(100), 101, undefined],
    ['a protocol header of 2,049 bytes', protocols(2_049), 431, 'maxProtocolHeader'],
    ['a protocol header of 2,048 bytes', protocols(2_048), 101, undefined],
    ['a URL of 2,049 bytes', handshake(path(2_049)), 414, 'maxUrl'],
    ['a URL of 2,048 bytes', handshake(path(2_048)), 101, undefined],
  ])('row 44: %s', async (_, request, status, limit) => {
    let opened = 0
    const {port, log} = await serve({}, ({Route}) => {
      const count = (Candy: Candy) => {
        opened += 1
        Candy.ws.close()
      }
      Route.ws('/', count, {token: false})
      Route.ws('/{long}', count, {token: false})
    })
    expect((await ask(port, request)).status).toBe(status)
    expect(opened).toBe(status === 101 ? 1 : 0)
    expect(log.lines.flatMap(line => line['limit'] ?? [])).toEqual(limit ? [limit] : [])
  })

  it.each(['', 'GET / HT', 'GET / HTTP/1.1\r\nHost: a\r\nX: '])(
    'row 38: come in time, or are answered with 408: %j',
    async begun => {
      const {port, log} = await serve({limits: {headersTimeout: 200}})
      const client = await raw(port)
      const since = performance.now()
      expect((await client.write(begun).head()).status).toBe(408)
      await client.closed
      expect(performance.now() - since).toBeLessThan(late)
      expect(log.lines).toContainEqual(expect.objectContaining({event: 'http.timeout'}))
    },
  )

  it('row 38: are not kept waiting for by a drop now and then', async () => {
    const {port} = await serve({limits: {headersTimeout: 200}})
    const client = await raw(port)
    client.write('GET / HTTP/1.1\r\nHost: a\r\n')
    const drip = setInterval(() => client.write('X: x\r\n'), 20)
    onTestFinished(() => clearInterval(drip))
    const since = performance.now()
    expect((await client.head()).status).toBe(408)
    await client.closed
    expect(performance.now() - since).toBeLessThan(late)
  })

  it('that are none are answered with 400, and the socket is ended', async () => {
    const {port} = await serve()
    const client = await raw(port)
    expect((await client.write('nonsense\r\n\r\n').head()).status).toBe(400)
    await client.closed
  })
})
