import * as fc from 'fast-check'
import {connect} from 'candy-ws/testing'
import {describe, expect, it} from 'vitest'
import {ask, handshake, key, raw, type HeaderLines} from '../support/raw.js'
import {heldBy, nothing, serve} from '../support/serve.js'

const free = {token: false} as const

/** Two routes, one of them with a parameter, that count who reaches them. */
async function target() {
  const reached: string[] = []
  const served = await serve()
  served.app.Route.ws('/echo', Candy => Candy.ws.on('message', data => Candy.ws.send(data)), free)
  served.app.Route.ws('/count', () => reached.push('/count'), free)
  served.app.Route.ws('/room/{id}', Candy => reached.push(Candy.Request.data.url.id!), free)
  const stillServes = async () => {
    const a = await connect(served.app, '/echo', {token: false})
    a.send('alive')
    expect(await a.next()).toBe('alive')
    await a.close()
    await expect.poll(() => heldBy(served.app)).toEqual(nothing)
  }
  return {...served, reached, stillServes}
}

const long = `/room/${'x'.repeat(2_048)}`

/** Request targets, as an upgrade and as a plain request. */
const targets: readonly (readonly [string, readonly number[]])[] = [
  ['/none', [404]],
  ['/count/more', [404]],
  ['/count//', [404]],
  ['/room//', [404]],
  ['/Count', [404]],
  ['/room/%', [400]],
  ['/room/%zz', [400]],
  ['/room/%e0%a4%a', [400]],
  ['/room/%ff', [400]],
  ['/%', [400]],
  ['/count?%', [400]],
  ['/count?a=%e0%a4', [400]],
  ['//count', [400]],
  ['//evil.example/count', [400]],
  ['/\\count', [400]],
  ['/room/a\\b', [400]],
  ['/count?a=\\', [400]],
  ['/room/a%2fb', [400]],
  ['/room/a%2Fb', [400]],
  ['/room/a%5cb', [400]],
  ['/room/a%00b', [400]],
  ['/./count', [400]],
  ['/room/..', [400]],
  ['/room/../count', [400]],
  ['/room/%2e%2e', [400]],
  ['/room/.%2E/count', [400]],
  ['/count#x', [400]],
  ['http://127.0.0.1/count', [400]],
  ['ws://127.0.0.1/count', [400]],
  ['count', [400]],
  ['*', [400]],
  ['?', [400]],
  ['/room/\u00ff', [400]],
  ['/room/a\tb', [400]],
  ['/room/a b', [400]],
  [long, [414]],
]

const headers: readonly (readonly [string, HeaderLines, number])[] = [
  ['no key', {'Sec-WebSocket-Key': undefined}, 400],
  ['an empty key', {'Sec-WebSocket-Key': ''}, 400],
  ['a short key', {'Sec-WebSocket-Key': 'c2hvcnQ='}, 400],
  ['a long key', {'Sec-WebSocket-Key': `A${key}`}, 400],
  ['a key in another alphabet', {'Sec-WebSocket-Key': key.replace('G', '-')}, 400],
  ['two keys', {'sec-websocket-key': key}, 400],
  ['no version', {'Sec-WebSocket-Version': undefined}, 426],
  ['version 8', {'Sec-WebSocket-Version': '8'}, 426],
  ['version 12', {'Sec-WebSocket-Version': '12'}, 426],
  ['version 13.0', {'Sec-WebSocket-Version': '13.0'}, 426],
  ['two versions', {'sec-websocket-version': '8'}, 426],
  ['another upgrade', {Upgrade: 'h2c'}, 426],
  ['a list of upgrades', {Upgrade: 'websocket, h2c'}, 400],
  ['no upgrade', {Upgrade: undefined}, 426],
  ['no connection header', {Connection: undefined}, 426],
  ['connection close', {Connection: 'close'}, 426],
  ['no host', {Host: undefined}, 400],
  ['an empty host', {Host: ''}, 400],
  ['two hosts', {host: 'b.example'}, 400],
  ['a host with a space', {Host: 'a b'}, 400],
  ['a host with a path', {Host: 'a/b'}, 400],
  ['a host with a user', {Host: 'a@b'}, 400],
  ['a folded header', {'X-A': 'a\r\n b'}, 400],
  ['a control character', {'X-A': 'a\u0000b'}, 400],
  ['a header name with a space', {'X A': 'b'}, 400],
  ['an empty header name', {'': 'b'}, 400],
  ['both lengths', {'Content-Length': '5', 'Transfer-Encoding': 'chunked'}, 400],
  ['headers of 20 KB', {'X-A': 'b'.repeat(20_000)}, 431],
]

describe('2. The handshake, and Bad input: what is malformed reaches nothing', () => {
  it('row 28: answers malformed targets with 400, 404 or 414', async () => {
    const {port, reached, stillServes} = await target()
    for (const [text, statuses] of targets) {
      expect([text, statuses]).toEqual([text, [(await ask(port, handshake(text))).status]])
      const plain = Buffer.from(`GET ${text} HTTP/1.1\r\nHost: h\r\n\r\n`, 'latin1')
      expect([text, statuses]).toEqual([text, [(await ask(port, plain)).status]])
    }
    expect(reached).toEqual([])
    await stillServes()
  })

  it('rows 44, 73: answers malformed headers with 400, 426 or 431', async () => {
    const {port, reached, stillServes} = await target()
    for (const [name, lines, status] of headers)
      expect([name, (await ask(port, handshake('/count', lines))).status]).toEqual([name, status])
    expect(reached).toEqual([])
    await stillServes()
  })

  it('row 73: answers methods other than GET with 405, and versions other than HTTP/1.1 with 400', async () => {
    const {port, reached, stillServes} = await target()
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE']) {
      const answer = await ask(port, handshake('/count', {}, method))
      expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, 'GET'])
    }
    for (const version of ['HTTP/1.0', 'HTTP/2.0', 'HTTP/1.2', 'HTTP/0.9', 'HTTP/11', 'http/1.1'])
      expect([version, (await ask(port, handshake('/count', {}, 'GET', version))).status]).toEqual([
        version,
        400,
      ])
    expect((await ask(port, handshake('/count', {}, 'get'))).status).toBe(400)
    expect((await ask(port, handshake('/count', {}, 'NONSENSE'))).status).toBe(400)
    expect(reached).toEqual([])
    await stillServes()
  })

  it('says which version it speaks', async () => {
    const {port} = await target()
    const answer = await ask(port, handshake('/count', {'Sec-WebSocket-Version': '8'}))
    expect(answer.headers.get('sec-websocket-version')).toBe('13')
  })

  it.each([
    ['another protocol', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000'],
    ['a request line alone', 'GET /count\r\n\r\n'],
    ['line feeds alone', handshake('/count').toString().replaceAll('\r\n', '\n')],
    ['CONNECT', 'CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['a frame before the handshake', '\u0081\u0085\u0000\u0000\u0000\u0000hello'],
    ['a body behind the handshake', `${handshake('/echo', {'Content-Length': '5'}).toString()}hello`],
    [
      'a plain request behind a refused handshake',
      handshake('/none').toString() + handshake('/count').toString(),
    ],
    [
      'frames behind a refused handshake',
      `${handshake('/none').toString()}\u0081\u0085\u0000\u0000\u0000\u0000hello`,
    ],
  ])('ends the socket after %s', async (_name, bytes) => {
    const {port, reached, stillServes} = await target()
    const client = await raw(port)
    client.write(Buffer.from(bytes, 'latin1'))
    await client.closed
    expect(reached).toEqual([])
    await stillServes()
  })

  it('row 28: answers any target at all, and reaches a route only by its own path', async () => {
    const {port, reached, stillServes} = await target()
    const piece = fc.oneof(
      fc.constantFrom(
        '/',
        '//',
        '%',
        '%2',
        '%2f',
        '%2e',
        '..',
        '.',
        '\\',
        '%00',
        '%25',
        '?',
        '#',
        '&',
        '=',
        '+',
        ';',
      ),
      fc.constantFrom(
        'count',
        'room',
        'echo',
        '_candy',
        'token',
        '%63ount',
        '{id}',
        '__proto__',
        'constructor',
      ),
      fc.string({maxLength: 4}),
      fc.string({unit: 'binary', maxLength: 3}).map(text => Buffer.from(text).toString('latin1')),
    )
    const anyTarget = fc.array(piece, {maxLength: 8}).map(pieces => `/${pieces.join('')}`)
    await fc.assert(
      fc.asyncProperty(anyTarget, async text => {
        reached.length = 0
        const client = await raw(port)
        const {status} = await client.write(handshake(text)).head()
        client.reset()
        expect([101, 400, 404, 405, 414]).toContain(status)
        // To Node, spaces that end a target belong to the request line (RFC 9112, section 3).
        if (reached.includes('/count')) expect(text.replace(/ +$/, '')).toMatch(/^\/(?:c|%63)ount\/?(?:\?|$)/)
        if (status !== 101) expect(reached).toEqual([])
      }),
      {numRuns: 300},
    )
    await stillServes()
  })

  it('lives through any bytes at all, before the handshake and in its headers', async () => {
    const {port, stillServes} = await target()
    const bytes = fc.uint8Array({maxLength: 200})
    await fc.assert(
      fc.asyncProperty(bytes, fc.nat(200), fc.boolean(), async (noise, at, alone) => {
        const request = handshake('/count')
        const spoilt = Buffer.concat([request.subarray(0, at), noise, request.subarray(at)])
        const client = await raw(port)
        await new Promise(resolve => client.socket.write(alone ? noise : spoilt, resolve))
        client.socket.end()
        await Promise.race([client.closed, client.head().catch(() => undefined)])
        client.socket.destroy()
      }),
      {numRuns: 200},
    )
    await stillServes()
  })
})
