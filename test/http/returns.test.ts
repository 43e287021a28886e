import {CandyError, rateLimit, type Candy, type CandyRoot, type Handler} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {createServer} from 'node:http'
import {gzipSync} from 'node:zlib'
import {describe, expect, it, onTestFinished, vi} from 'vitest'
import {hostServer} from '../support/host.js'
import {raw} from '../support/raw.js'
import {serve, type Served} from '../support/serve.js'
import {signal} from '../support/serve-handlers.js'

const page = (handler: Handler<Candy>) => serve({}, ({Route}) => Route.page('/a/{id}', handler))

async function answerOf(handler: Handler<Candy>): Promise<Response> {
  const {url} = await page(handler)
  return fetch(`${url}/a/7`)
}

const html = 'text/html; charset=utf-8'
const json = 'application/json; charset=utf-8'
const bytes = 'application/octet-stream'

const stream = (source: UnderlyingDefaultSource) => new ReadableStream<Uint8Array>(source)
type UnderlyingDefaultSource = ConstructorParameters<typeof ReadableStream<Uint8Array>>[0]

describe('7. what a handler returns', () => {
  it.each([
    ['a string', '<p>é</p>', 200, html, '<p>é</p>'],
    ['an empty string', '', 200, html, ''],
    ['an object', {a: 'é', b: undefined}, 200, json, '{"a":"é"}'],
    ['an array', [1, undefined, null], 200, json, '[1,null,null]'],
    ['a number', 0, 200, json, '0'],
    ['true', true, 200, json, 'true'],
    ['false', false, 200, json, 'false'],
    ['null', null, 200, json, 'null'],
    ['a Date', new Date(0), 200, json, '"1970-01-01T00:00:00.000Z"'],
    ['nothing', undefined, 204, null, ''],
    ['a Buffer', Buffer.from('bytes'), 200, bytes, 'bytes'],
    ['part of a Buffer', Buffer.from('bytes').subarray(1, 3), 200, bytes, 'yt'],
    ['a typed array', new Uint16Array([0x6261, 0x6463]), 200, bytes, 'abcd'],
    ['an ArrayBuffer', Uint8Array.from([97, 98]).buffer, 200, bytes, 'ab'],
  ])('%s', async (_, result, status, type, text) => {
    for (const handler of [() => result, async () => result]) {
      const response = await answerOf(handler)
      expect([response.status, response.headers.get('content-type')]).toEqual([status, type])
      expect(await response.text()).toBe(text)
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('cache-control')).toBeNull()
    }
  })

  it('a Response is the answer itself: status, headers and cookies', async () => {
    const headers = new Headers({'x-a': '1'})
    headers.append('set-cookie', 'a=1; Path=/')
    headers.append('set-cookie', 'b=2')
    const response = await answerOf(() => new Response('made', {status: 201, headers}))
    expect([response.status, await response.text()]).toEqual([201, 'made'])
    expect(response.headers.get('x-a')).toBe('1')
    expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2'])
  })

  it('a redirect, whose headers are immutable, still carries our cookies', async () => {
    const {url} = await page(Candy => {
      Candy.token()
      return Response.redirect('https://elsewhere.example/', 303)
    })
    const response = await fetch(`${url}/a/7`, {redirect: 'manual'})
    expect([response.status, response.headers.get('location')]).toEqual([303, 'https://elsewhere.example/'])
    expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(/^candy_session=/)])
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  it('an answer that was fetched passes through, whatever its encoding was', async () => {
    const upstream = createServer((_, response) => {
      response.writeHead(418, {'Content-Encoding': 'gzip', 'x-up': 'yes', Connection: 'keep-alive'})
      response.end(gzipSync('from afar'))
    })
    const {port} = await hostServer(upstream)
    const response = await answerOf(() => fetch(`http://127.0.0.1:${port}`))
    expect([response.status, response.headers.get('x-up')]).toEqual([418, 'yes'])
    expect(response.headers.get('content-encoding')).toBeNull()
    expect(await response.text()).toBe('from afar')
  })

  it('a Response counts also where somebody has replaced the global class', async () => {
    const genuine = Response
    vi.stubGlobal('Response', class extends Response {})
    onTestFinished(() => void vi.unstubAllGlobals())
    expect(await (await answerOf(() => new genuine('genuine'))).text()).toBe('genuine')
    expect(await (await answerOf(() => new Response('theirs'))).text()).toBe('theirs')
  })

  it('a stream arrives as it comes', async () => {
    const more = signal()
    const response = await answerOf(
      () =>
        new Response(
          stream({
            async start(controller) {
              controller.enqueue(Buffer.from('first '))
              await more.fired
              controller.enqueue(Buffer.from('second'))
              controller.close()
            },
          }),
        ),
    )
    const reader = response.body!.getReader()
    expect(Buffer.from((await reader.read()).value as Uint8Array).toString()).toBe('first ')
    more.fire()
    expect(Buffer.from((await reader.read()).value as Uint8Array).toString()).toBe('second')
    expect((await reader.read()).done).toBe(true)
  })

  it('a stream is cancelled when its client leaves', async () => {
    const cancelled = signal()
    const {url, port, log} = await page(
      () =>
        new Response(stream({start: c => c.enqueue(Buffer.from('tick')), cancel: () => cancelled.fire()})),
    )
    const client = await raw(port)
    await client.write('GET /a/7 HTTP/1.1\r\nHost: a\r\n\r\n').head()
    client.reset()
    await cancelled.fired
    // By the time another one is answered, whatever the end of this one led to is through.
    expect((await fetch(`${url}/a/7`, {method: 'HEAD'})).status).toBe(200)
    expect(log.lines).toEqual([])
  })
})

/** An answer of 500 with nothing of the error in it, and one error line with route template and stack. */
async function fails(handler: Handler<Candy>, error: string, kind: 'page' | 'get' = 'page'): Promise<void> {
  const printed = vi.spyOn(console, 'error')
  onTestFinished(() => printed.mockRestore())
  const {url, log} = await serve({}, ({Route}) => Route[kind]('/a/{id}', handler, {token: false}))
  const response = await fetch(`${url}/a/7?q=private`)
  expect([response.status, await response.text()]).toEqual([500, 'Internal Server Error\n'])
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(log.errors()).toEqual([
    expect.objectContaining({route: '/a/{id}', message: `the ${kind} handler threw`}),
  ])
  expect(log.errors()[0]!['error']).toContain(error)
  expect(JSON.stringify(log.lines)).not.toContain('q=private')
  expect(printed).not.toHaveBeenCalled()
}

describe('7. a handler that fails is answered with 500 and one line in the log', () => {
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  const usedUp = new Response('once')
  void usedUp.text()

  it.each<[string, Handler<Candy>, string]>([
    [
      'throws',
      () => {
        throw new Error('of ours')
      },
      'Error: of ours',
    ],
    ['rejects', () => Promise.reject(new Error('of ours')), 'Error: of ours'],
    [
      'throws null',
      () => {
        throw null
      },
      'thrown: null',
    ],
    ['rejects with nothing', () => Promise.reject(), 'thrown: undefined'],
    ['returns a function', () => () => 1, 'returned a function'],
    ['returns a symbol', () => Symbol('s'), 'returned a symbol'],
    ['returns a BigInt', () => 1n, 'BigInt'],
    ['returns a circle', () => circle, 'circular'],
    ['returns a circle after a while', async () => circle, 'circular'],
    [
      'returns what throws as JSON',
      () => ({
        toJSON: () => {
          throw new Error('of ours')
        },
      }),
      'Error: of ours',
    ],
    [
      'throws a CandyError that has no JSON form',
      () => {
        throw new CandyError('A', 'b', circle)
      },
      'circular',
    ],
    ['returns Response.error()', () => Response.error(), 'Response.error()'],
    ['returns a Response that was read', () => usedUp, 'used before'],
    [
      'returns a header no client could read',
      () => new Response('', {headers: {a: '\x01'}}),
      'Invalid character',
    ],
    ['closes with a code that is none', Candy => Candy.ws.close(5), 'close code'],
  ])('when it %s', async (_, handler, error) => {
    await fails(handler, error)
    await fails(handler, error, 'get')
  })

  it('with the stack of the error', async () => {
    const {url, log} = await page(function failing() {
      throw new TypeError('here')
    })
    await fetch(`${url}/a/1`)
    expect(log.errors()[0]!['stack']).toMatch(/TypeError: here\n.*failing/)
    expect(log.errors()[0]!['connection']).toMatch(/^[\w-]{22}$/)
  })

  it('a Response that all requests share works once, and says what to do', async () => {
    const shared = new Response('shared')
    const {url, log} = await page(() => shared)
    expect((await fetch(`${url}/a/1`)).status).toBe(200)
    expect((await fetch(`${url}/a/1`)).status).toBe(500)
    expect(log.errors()).toHaveLength(1)
    expect(log.errors()[0]!['error']).toContain('make one for each request')
  })

  it.each<[string, () => UnderlyingDefaultSource]>([
    [
      'at once',
      () => ({
        pull: () => {
          throw new Error('secret reason')
        },
      }),
    ],
    [
      'later',
      () => {
        let pulls = 0
        return {
          async pull(controller) {
            if (pulls++ > 2) throw new Error('secret reason')
            await new Promise(resolve => setTimeout(resolve, 5))
            controller.enqueue(Buffer.from('part '))
          },
        }
      },
    ],
    ['with what is no bytes', () => ({start: c => c.enqueue('secret reason' as never)})],
  ])('a stream that fails %s is cut, without its reason', async (_, source) => {
    const printed = vi.spyOn(console, 'error')
    onTestFinished(() => printed.mockRestore())
    const {port, log} = await page(() => new Response(stream(source())))
    const client = await raw(port)
    client.write('GET /a/7 HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.closed
    expect(client.received.toString()).not.toContain('secret reason')
    expect(client.received.toString()).not.toMatch(/\r\n0\r\n\r\n$/)
    expect(log.errors()).toEqual([
      expect.objectContaining({route: '/a/{id}', message: 'the page answer broke off'}),
    ])
    expect(printed).not.toHaveBeenCalled()
  })

  it('a stream that waits behind another answer is ended when the client goes', async () => {
    const [entered, cancelled] = [signal(), signal()]
    const {port} = await page(({Request}) => {
      if (Request.data.url.id === 'never') return new Promise(() => undefined)
      entered.fire()
      const pull = (controller: ReadableStreamDefaultController) =>
        controller.enqueue(new Uint8Array(100_000))
      return new Response(new ReadableStream({pull, cancel: cancelled.fire}))
    })
    const client = await raw(port)
    client.write('GET /a/never HTTP/1.1\r\nHost: a\r\n\r\nGET /a/stream HTTP/1.1\r\nHost: a\r\n\r\n')
    await entered.fired
    client.reset()
    await cancelled.fired
  })

  it('a connection with more than 64 requests under way is cut, and no more of them run', async () => {
    let ran = 0
    const {port, url} = await page(({Request}) => {
      if (Request.data.url.id === 'now') return 'now'
      ran += 1
      return new Promise(() => undefined)
    })
    const client = await raw(port)
    client.write('GET /a/never HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(500))
    await client.closed
    expect(ran).toBe(64)
    expect(await (await fetch(`${url}/a/now`)).text()).toBe('now')
  })

  it('what fails because the client has gone is no error', async () => {
    const entered = signal()
    const failed = signal()
    const {port, log} = await page(async Candy => {
      entered.fire()
      await new Promise((_, reject) => {
        Candy.signal.addEventListener('abort', () => reject(Candy.signal.reason as Error))
      }).finally(failed.fire)
    })
    const client = await raw(port)
    client.write('GET /a/7 HTTP/1.1\r\nHost: a\r\n\r\n')
    await entered.fired
    client.reset()
    await failed.fired
    await vi.waitFor(() => expect(log.lines.map(({level}) => level)).toEqual(['debug']), 5_000)
  })
})

describe('7. a handler that refuses', () => {
  it.each([
    [
      new CandyError('TAKEN', 'This name is taken', {name: 'ada'}),
      400,
      {code: 'TAKEN', message: 'This name is taken', details: {name: 'ada'}},
    ],
    [new CandyError('BARE'), 400, {code: 'BARE', message: 'BARE'}],
    [new CandyError('UNAUTHORIZED', 'Who?'), 401, {code: 'UNAUTHORIZED', message: 'Who?'}],
    [new CandyError('FORBIDDEN', 'Not you'), 403, {code: 'FORBIDDEN', message: 'Not you'}],
    [new CandyError('RATE_LIMIT', 'Slowly'), 429, {code: 'RATE_LIMIT', message: 'Slowly'}],
    [new CandyError('constructor'), 400, {code: 'constructor', message: 'constructor'}],
  ])('with a CandyError says it as JSON, and logs nothing', async (error, status, body) => {
    for (const handler of [
      () => {
        throw error
      },
      () => Promise.reject(error),
    ]) {
      const {url, log} = await page(handler)
      const response = await fetch(`${url}/a/7`)
      expect([response.status, await response.json()]).toEqual([status, body])
      expect(response.headers.get('content-type')).toContain('application/json')
      expect(log.lines).toEqual([])
    }
  })

  it.each([
    [4001, 401],
    [4002, 403],
    [4003, 403],
    [4000, 400],
    [1013, 429],
    [1011, 500],
    [1000, 403],
    [4444, 403],
  ])('with Candy.ws.close(%i) answers %i, whatever it returns', async (code, status) => {
    const {url, log} = await serve({}, ({Route}) => {
      Route.page('/handler', Candy => {
        Candy.ws.close(code)
        return 'not this'
      })
      Route.use(Candy => Candy.ws.close(code)).page('/middleware', () => 'not this')
    })
    for (const path of ['/handler', '/middleware']) {
      const response = await fetch(url + path)
      expect(response.status).toBe(status)
      expect(await response.text()).not.toContain('not this')
    }
    expect(log.errors()).toEqual([])
  })
})

describe('7. the same `use`', () => {
  const reached = vi.fn(() => 'in')
  const guarded = async (guard: Handler<Candy>): Promise<Served> => {
    reached.mockClear()
    return serve({}, ({Route}: CandyRoot) => Route.use(guard).page('/', reached))
  }

  it.each([true, undefined, Promise.resolve(true)])('a middleware that returns %s lets in', async answer => {
    const {url} = await guarded(() => answer)
    expect(await (await fetch(url)).text()).toBe('in')
  })

  it.each([
    [false, 403],
    [Promise.resolve(false), 403],
    [null, 400],
    [0, 400],
    ['', 400],
    ['no', 400],
    [{}, 400],
  ])('a middleware that returns %s refuses with %i', async (answer, status) => {
    const {url, log} = await guarded(() => answer)
    expect((await fetch(url)).status).toBe(status)
    expect(reached).not.toHaveBeenCalled()
    expect(log.errors()).toEqual([])
  })

  it('a middleware that throws is 500 and one line; nothing after it runs', async () => {
    const {url, log} = await guarded(() => {
      throw new Error('secret')
    })
    const response = await fetch(url)
    expect([response.status, await response.text()]).toEqual([500, 'Internal Server Error\n'])
    expect(log.errors()).toHaveLength(1)
    expect(reached).not.toHaveBeenCalled()
  })

  it("a middleware's Response is the answer, such as a redirect to the login", async () => {
    const {url} = await guarded(() => new Response(null, {status: 302, headers: {location: '/login'}}))
    const response = await fetch(url, {redirect: 'manual'})
    expect([response.status, response.headers.get('location')]).toEqual([302, '/login'])
    expect(reached).not.toHaveBeenCalled()
  })

  it('middleware runs in the order of use, and shares what it leaves at Candy.ws.data', async () => {
    const step = (name: string) => (Candy: Candy) =>
      void ((Candy.ws.data['steps'] as string[] | undefined) ??= []).push(name)
    const {url} = await serve({}, ({Route}) =>
      Route.use(step('1'), async Candy => step('2')(Candy))
        .use(step('3'))
        .page('/', Candy => Candy.ws.data['steps'], {use: [step('4')]}),
    )
    expect(await (await fetch(url)).json()).toEqual(['1', '2', '3', '4'])
  })

  it('rate-limit is 429 over HTTP and 1013 on a socket, each place counting for itself', async () => {
    const {url, app} = await serve({middleware: {twice: rateLimit({points: 2})}}, ({Route}) => {
      for (const path of ['/a', '/b']) Route.use('twice').page(path, () => 'in')
      Route.use('twice').post('/a', () => 'in', {token: false})
      Route.use('twice').ws('/a', Candy => Candy.ws.send('in'), {token: false})
    })
    const statuses = async (path: string, method: string) => {
      const all: number[] = []
      for (let n = 0; n < 3; n += 1) all.push((await fetch(url + path, {method})).status)
      return all
    }
    expect(await statuses('/a', 'GET')).toEqual([200, 200, 429])
    expect(await statuses('/b', 'GET')).toEqual([200, 200, 429])
    expect(await statuses('/a', 'POST')).toEqual([200, 200, 429])
    for (let n = 0; n < 2; n += 1) expect(await (await connect(app, '/a')).next()).toBe('in')
    expect(await (await connect(app, '/a')).closed).toEqual({code: 1013, reason: 'Too many connections'})
  })

  it('the built-in rate-limit lets the first 60 pass', async () => {
    const {url} = await serve({}, ({Route}) => Route.use('rate-limit').page('/', () => 'in'))
    const statuses = await Promise.all(Array.from({length: 62}, async () => (await fetch(url)).status))
    expect(statuses.filter(status => status === 200)).toHaveLength(60)
    expect(statuses.filter(status => status === 429)).toHaveLength(2)
  })
})
