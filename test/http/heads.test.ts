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

  it.each(['', 'GET / HT', 'GET / HTTP/1.1\r\nHost: a\r\nX: '])(
    'row 38: come in time, or are answered with 408: %j',
    async begun => {
      const {port, log} = await serve({limits: {headersTimeout: 200}})
      const client = await raw(port)
      expect((await client.write(begun).head()).status).toBe(408)
      await client.closed
      expect(log.lines).toContainEqual(expect.objectContaining({event: 'http.timeout'}))
    },
  )

  it('row 38: are not kept waiting for by a drop now and then', async () => {
    const {port} = await serve({limits: {headersTimeout: 200}})
    const client = await raw(port)
    client.write('GET / HTTP/1.1\r\nHost: a\r\n')
    const drip = setInterval(() => client.write('X: x\r\n'), 20)
    onTestFinished(() => clearInterval(drip))
    expect((await client.head()).status).toBe(408)
    await client.closed
  })

  it('that are none are answered with 400, and the socket is ended', async () => {
    const {port} = await serve()
    const client = await raw(port)
    expect((await client.write('nonsense\r\n\r\n').head()).status).toBe(400)
    await client.closed
  })
})
