import * as fc from 'fast-check'
import {afterEach, describe, expect, it, vi} from 'vitest'
import {makeFolder, removeFolders} from '../support/app-folder.js'
import {raw} from '../support/raw.js'
import {heldBy, nothing, serve, type Served} from '../support/serve.js'

afterEach(removeFolders)

/** Everything the contract and RFC 9110 let an HTTP request be answered with here. */
const documented = new Set([
  200, 204, 206, 308, 400, 401, 403, 404, 405, 408, 413, 414, 415, 416, 417, 426, 431, 500, 501, 505,
])

async function site(): Promise<Served & {live: () => number}> {
  let live = 0
  const dir = makeFolder({'public/a.txt': 'a', 'public/index.html': '<p>'})
  const served = await serve({dir, origins: ['https://app.example']}, ({Route}) => {
    const counted = Route.use(Candy => {
      live += 1
      Candy.signal.addEventListener('abort', () => (live -= 1))
    })
    counted.page('/page/{id}', Candy => ({url: Candy.Request.data.url, get: Candy.Request.data.get}))
    counted.get('/get', () => 'get', {token: false})
    counted.get('/token', () => 'get')
    counted.post('/post', Candy => Object.keys(Candy.Request.data.post), {
      token: false,
      limits: {maxBody: 2_000},
    })
    counted.auth.post('/auth', () => 'in')
    Route.ws('/ws', () => undefined)
  })
  return {...served, live: () => live}
}

const methods = fc.constantFrom(
  'GET',
  'POST',
  'HEAD',
  'OPTIONS',
  'PUT',
  'DELETE',
  'PATCH',
  'TRACE',
  'QUERY',
  'get',
  'X',
  '',
)
const paths = [
  '/page/7',
  '/get',
  '/token',
  '/post',
  '/auth',
  '/ws',
  '/',
  '/a.txt',
  '/_candy/token',
  '/_candy',
  '/none',
]
const piece = fc.constantFrom(
  '/',
  '..',
  '.',
  '%2e',
  '%2f',
  '%',
  '%00',
  '%ff',
  '\\',
  '?',
  '#',
  '=',
  '&',
  '//',
  'a',
  'é',
  '{id}',
  '__proto__',
)
const targets = fc.oneof(
  fc
    .tuple(fc.constantFrom(...paths), fc.array(piece, {maxLength: 4}))
    .map(([path, more]) => path + more.join('')),
  fc.array(piece, {maxLength: 8}).map(all => all.join('')),
  fc.string({maxLength: 30}),
)
const types = fc.constantFrom(
  'application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'application/json; charset=x',
  ';;;',
  'text/plain',
)
const headers = fc.dictionary(
  fc.constantFrom(
    'Cookie',
    'Origin',
    'X-Candy-Token',
    'Range',
    'Accept',
    'If-None-Match',
    'Access-Control-Request-Method',
    'Content-Encoding',
    'Sec-Fetch-Site',
    'X-Forwarded-For',
    'Expect',
    'Referer',
  ),
  fc.oneof(
    fc.constantFrom(
      'null',
      'https://app.example',
      'bytes=0-',
      'bytes=9-2',
      'GET',
      'POST',
      'gzip',
      '*',
      '',
      'candy_session=x',
      'a=%zz; =; b',
      '100-continue',
    ),
    fc.string({unit: 'grapheme-ascii', maxLength: 20}),
  ),
  {maxKeys: 4},
)
const bodies = fc.oneof(
  fc.uint8Array({maxLength: 3_000}).map(bytes => Buffer.from(bytes)),
  fc.json().map(text => Buffer.from(text)),
  fc
    .constantFrom(
      '{"__proto__":1}',
      'a=1&b=%',
      '--x\r\n\r\n--x--',
      '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--',
      '',
    )
    .map(text => Buffer.from(text)),
)

interface Sent {
  readonly method: string
  readonly target: string
  readonly type: string
  readonly lines: Record<string, string>
  readonly body: Buffer
  readonly framing: 'length' | 'chunked' | 'none' | 'too long'
}

function bytesOf({method, target, type, lines, body, framing}: Sent): Buffer {
  const all = Object.entries({Host: '127.0.0.1', 'Content-Type': type, ...lines, Connection: 'close'})
  const frame = {
    length: `Content-Length: ${body.length}\r\n`,
    'too long': `Content-Length: ${body.length + 5}\r\n`,
    chunked: 'Transfer-Encoding: chunked\r\n',
    none: '',
  }[framing]
  const head = `${method} ${target} HTTP/1.1\r\n${all.map(line => `${line.join(': ')}\r\n`).join('')}${frame}\r\n`
  if (framing !== 'chunked') return Buffer.concat([Buffer.from(head), body])
  const chunk =
    body.length > 0 ? [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')] : []
  return Buffer.concat([Buffer.from(head), ...chunk, Buffer.from('0\r\n\r\n')])
}

describe('7. any request at all', () => {
  it(
    'is answered with a documented status, or ended; nothing breaks, is printed or is held',
    {timeout: 60_000},
    async () => {
      const printed = [vi.spyOn(console, 'error'), vi.spyOn(console, 'info')]
      const {app, port, url, log, live} = await site()
      const sent: fc.Arbitrary<Sent> = fc.record({
        method: methods,
        target: targets,
        type: types,
        lines: headers,
        body: bodies,
        framing: fc.constantFrom('length', 'length', 'chunked', 'none', 'too long'),
      })
      await fc.assert(
        fc.asyncProperty(sent, async request => {
          const client = await raw(port)
          client.write(bytesOf(request))
          // A body shorter than it said ends with the connection.
          if (request.framing === 'too long') client.socket.end()
          await client.closed
          const text = client.received.toString('latin1')
          if (text === '') {
            expect(request.framing).toBe('too long')
            return
          }
          const [, status] = /^HTTP\/1\.1 (?:100 Continue\r\n\r\nHTTP\/1\.1 )?(\d{3}) /.exec(text) ?? []
          expect(documented, text).toContain(Number(status))
          expect(Number(status), text).not.toBe(500)
        }),
        {numRuns: 400},
      )
      expect(log.errors()).toEqual([])
      for (const spy of printed) {
        expect(spy).not.toHaveBeenCalled()
        spy.mockRestore()
      }
      await expect.poll(live).toBe(0)
      await expect.poll(() => heldBy(app)).toEqual(nothing)
      expect((await fetch(`${url}/get`)).status).toBe(200)
    },
  )

  it('cut at any byte leaves nothing behind', {timeout: 60_000}, async () => {
    const {app, port, url, log, live} = await site()
    const whole = bytesOf({
      method: 'POST',
      target: '/post?a=1',
      type: 'application/json',
      lines: {Origin: 'https://app.example'},
      body: Buffer.from('{"a":"é"}'),
      framing: 'chunked',
    })
    for (let cut = 0; cut <= whole.length; cut += 3) {
      const client = await raw(port)
      client.write(whole.subarray(0, cut))
      // Another request's answer says that the server had its turn.
      expect((await fetch(`${url}/get`)).status).toBe(200)
      client.reset()
      await client.closed
    }
    await expect.poll(live).toBe(0)
    expect(log.errors()).toEqual([])
    const start = performance.now()
    await app.close({drain: 8_000})
    expect(performance.now() - start).toBeLessThan(4_000)
  })
})
