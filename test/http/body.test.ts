import type {Candy} from 'candy-ws'
import {once} from 'node:events'
import {request, type ClientRequest, type IncomingMessage} from 'node:http'
import {describe, expect, it, vi} from 'vitest'
import {Raw, raw} from '../support/raw.js'
import {serve, type Served} from '../support/serve.js'
import {signal, until} from '../support/serve-handlers.js'

const KiB = 1024
const form = 'application/x-www-form-urlencoded'
const json = 'application/json'

/** An app whose post routes answer what they were posted, and tell what of them ran. */
async function posted(options: object = {}): Promise<Served & {ran: () => number}> {
  const ran = vi.fn()
  const echo = async (Candy: Candy) => {
    const entries = Object.entries(Candy.Request.data.post).map(async ([name, value]) => [
      name,
      value instanceof File ? {file: value.name, type: value.type, text: await value.text()} : value,
    ])
    return Promise.all(entries)
  }
  const served = await serve(options, ({Route}) => {
    const routes = Route.use(() => void ran())
    routes.post('/', echo, {token: false})
    routes.post('/small', echo, {token: false, limits: {maxBody: 10}})
    routes.post('/any', echo, {token: false, limits: {maxBody: 'off'}})
  })
  return {...served, ran: () => ran.mock.calls.length}
}

/** The fields that the handler saw, or the status that refused them. */
async function fieldsOf(
  url: string,
  body: RequestInit['body'],
  type?: string,
  headers = {},
): Promise<unknown> {
  const all = {...(type !== undefined && {'content-type': type}), ...headers}
  const init = {method: 'POST', body, headers: all, duplex: 'half'} as RequestInit
  const response = await fetch(url, init)
  if (response.status !== 200) return response.status
  return response.json()
}

const head = (path: string, lines: string) => `POST ${path} HTTP/1.1\r\nHost: a\r\n${lines}\r\n\r\n`

/** The statuses of all answers on a connection so far. */
const statuses = (client: Raw) =>
  [...client.received.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3})/g)].map(match => Number(match[1]))

describe('7. the body of a post', () => {
  it('is a form', async () => {
    const {url} = await posted()
    const text = 'a=1&b=%C3%A9+x&empty=&flag&a=2&=none&__proto__=p&constructor=c&toString=t'
    const fields = [
      ['a', '1'],
      ['b', 'é x'],
      ['empty', ''],
      ['flag', ''],
      ['', 'none'],
      ['__proto__', 'p'],
      ['constructor', 'c'],
      ['toString', 't'],
    ]
    for (const type of [form, `${form};charset=UTF-8`, `${form.toUpperCase()} ; charset="utf-8"`])
      expect(await fieldsOf(url, text, type)).toEqual(fields)
    expect(await fieldsOf(url, new URLSearchParams({a: '1'}))).toEqual([['a', '1']])
  })

  it('is a JSON object', async () => {
    const {url} = await posted()
    const text = '{"a":1,"b":{"c":[null]},"__proto__":{"admin":true},"constructor":"c","n":null}'
    const fields = [
      ['a', 1],
      ['b', {c: [null]}],
      ['__proto__', {admin: true}],
      ['constructor', 'c'],
      ['n', null],
    ]
    for (const type of [json, `${json}; charset=utf-8`, 'Application/JSON'])
      expect(await fieldsOf(url, text, type)).toEqual(fields)
    expect(await fieldsOf(url, '\ufeff{"bom":1}', json)).toEqual([['bom', 1]])
  })

  it('is multipart, with files', async () => {
    const {url} = await posted()
    const body = new FormData()
    body.append('a', 'é\r\n2')
    body.append('file', new File(['content'], 'ü "q".txt', {type: 'text/plain'}))
    body.append('a', 'second')
    body.append('__proto__', 'p')
    expect(await fieldsOf(url, body)).toEqual([
      ['a', 'é\r\n2'],
      ['file', {file: 'ü "q".txt', type: 'text/plain', text: 'content'}],
      ['__proto__', 'p'],
    ])
  })

  it('is plain fields whatever their names: nothing is polluted', async () => {
    const seen: unknown[] = []
    const {url} = await serve({}, ({Route}) =>
      Route.post(
        '/',
        Candy => {
          const {post} = Candy.Request.data
          seen.push(
            Object.getPrototypeOf(Object.getPrototypeOf(post)),
            post['hasOwnProperty'],
            'admin' in post,
          )
        },
        {token: false},
      ),
    )
    const bodies: [string, string][] = [
      ['{"__proto__":{"admin":true}}', json],
      ['__proto__=1&__proto__[admin]=true', form],
    ]
    for (const [body, type] of bodies) {
      expect((await fetch(url, {method: 'POST', body, headers: {'content-type': type}})).status).toBe(204)
      expect(({} as {admin?: unknown}).admin).toBeUndefined()
    }
    expect(seen).toEqual([null, undefined, false, null, undefined, false])
  })

  it('is empty fields where nothing was sent, of whatever type', async () => {
    const {url} = await posted()
    for (const type of [json, form, 'multipart/form-data; boundary=x', 'text/plain', undefined])
      expect(await fieldsOf(url, undefined, type)).toEqual([])
    expect(await fieldsOf(url, undefined, json, {'content-encoding': 'gzip'})).toEqual([])
  })

  it('may come in chunks, and slowly', async () => {
    const {url} = await posted()
    const body = new ReadableStream({
      async start(controller) {
        for (const byte of '{"a":"é"}') {
          controller.enqueue(Buffer.from(byte))
          await new Promise(resolve => setTimeout(resolve, 3))
        }
        controller.close()
      },
    })
    expect(await fieldsOf(url, body, json)).toEqual([['a', 'é']])
  })

  it('is read only where a handler takes one', async () => {
    const {url} = await serve({}, ({Route}) => Route.page('/', Candy => Object.keys(Candy.Request.data.post)))
    expect(await (await fetch(url)).json()).toEqual([])
  })
})

describe('7. a body that is refused runs nothing', () => {
  const multipart = 'multipart/form-data; boundary=x'
  const part = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'

  it.each<[string, string | undefined, string | Uint8Array<ArrayBuffer>, number]>([
    ['broken JSON', json, '{"a":', 400],
    ['a JSON array', json, '[1]', 400],
    ['a JSON number', json, '1', 400],
    ['a JSON string', json, '"a"', 400],
    ['JSON null', json, 'null', 400],
    ['two JSON values', json, '{}{}', 400],
    ['JSON with NUL around it', json, '\0{}', 400],
    ['JSON that is no UTF-8', json, Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400],
    ['deep JSON', json, `{"a":${'['.repeat(90_000)}`, 400],
    ['a form that is no UTF-8', form, Uint8Array.from([0x61, 0x3d, 0xff]), 400],
    ['a form with a broken escape', form, 'a=%zz', 400],
    ['a form with half an escape', form, 'a=%', 400],
    ['a form whose escapes are no UTF-8', form, 'a=%ff', 400],
    ['a name with a broken escape', form, 'ok=1&%e9=1', 400],
    ['multipart that ends early', multipart, part, 400],
    ['multipart without a part', multipart, 'nothing', 400],
    ['multipart with another boundary', multipart, `${part.replaceAll('--x', '--y')}--y--`, 400],
    ['multipart without a boundary', 'multipart/form-data', `${part}--x--`, 400],
    ['multipart whose part has no name', multipart, '--x\r\n\r\n1\r\n--x--\r\n', 400],
    ['plain text', 'text/plain', '{"a":1}', 415],
    ['another kind of JSON', 'application/json-seq', '{"a":1}', 415],
    ['what only looks like JSON', 'text/json', '{"a":1}', 415],
    ['XML', 'application/xml', '<a/>', 415],
    ['no type', undefined, new Uint8Array([0x7b, 0x7d]), 415],
    ['an empty type', '', '{}', 415],
    ['another charset', `${json}; charset=latin1`, '{}', 415],
    ['another charset, in quotes', `${form}; charset="utf-16"`, 'a=1', 415],
  ])('%s', async (_, type, body, status) => {
    const {url, ran, log} = await posted()
    expect(await fieldsOf(url, body, type)).toBe(status)
    expect([ran(), log.errors()]).toEqual([0, []])
  })

  it.each(['gzip', 'br', 'deflate', 'gzip, identity', 'nonsense'])('encoded as %s: 415', async encoding => {
    const {url, ran} = await posted()
    expect(await fieldsOf(url, '{}', json, {'content-encoding': encoding})).toBe(415)
    expect(ran()).toBe(0)
  })

  it('of repeated multipart parts by the thousand is read in one go', async () => {
    const {url} = await posted()
    const body = `${part.repeat(1_500)}--x--\r\n`
    expect(await fieldsOf(url, body, multipart)).toEqual([['a', '1']])
  })
})

describe('7. limits.maxBody', () => {
  const chunked = (size: number) => {
    let left = size
    return new ReadableStream({
      pull(controller) {
        const length = Math.min(left, 7_000)
        if (length > 0) controller.enqueue(Buffer.alloc(length, 'a'))
        if ((left -= length) <= 0) controller.close()
      },
    })
  }

  it.each([
    ['', 100 * KiB, {}],
    ['/small', 10, {}],
    ['', 20, {limits: {maxBody: 20}}],
    ['/small', 10, {limits: {maxBody: 20}}],
  ])('at "%s" takes %i bytes and not one more, by length and in chunks', async (path, size, options) => {
    const {url, ran} = await posted(options)
    for (const over of [0, 1]) {
      const status = over === 0 ? [['a'.repeat(size), '']] : 413
      expect(await fieldsOf(url + path, 'a'.repeat(size + over), form)).toEqual(status)
      expect(await fieldsOf(url + path, chunked(size + over), form)).toEqual(status)
    }
    expect(ran()).toBe(2)
  })

  it("takes anything where it is 'off'", async () => {
    const {url} = await posted()
    const value = 'a'.repeat(300 * KiB)
    expect(await fieldsOf(`${url}/any`, value, form)).toEqual([[value, '']])
    expect(await fieldsOf(`${url}/any`, chunked(300 * KiB), form)).toEqual([[value, '']])
  })

  it('is told by the length alone, before a byte of the body came', async () => {
    const {port, ran} = await posted()
    const client = await raw(port)
    const told = client.write(head('/', `Content-Type: ${form}\r\nContent-Length: 9999999`))
    expect((await told.head()).status).toBe(413)
    client.reset()
    expect(ran()).toBe(0)
  })

  it('bounds what is read of a body that never ends: its connection is cut, others live', async () => {
    const {url, port, ran} = await posted()
    const client = await raw(port)
    client.write(head('/', `Content-Type: ${form}\r\nTransfer-Encoding: chunked`))
    const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(64 * KiB), Buffer.from('\r\n')])
    const pump = () => {
      while (!client.socket.destroyed && client.socket.write(chunk));
    }
    client.socket.on('drain', pump)
    pump()
    await client.closed
    expect(statuses(client)).toEqual([413])
    expect(await fieldsOf(url, 'a=1', form)).toEqual([['a', '1']])
    expect(ran()).toBe(1)
  })

  it('leaves the connection good for the next request', async () => {
    const {port} = await posted()
    const client = await raw(port)
    const large = 'a'.repeat(200 * KiB)
    client.write(`${head('/', `Content-Type: ${form}\r\nContent-Length: ${large.length}`)}${large}`)
    await until(() => statuses(client).length === 1)
    client.write(`${head('/', `Content-Type: ${form}\r\nContent-Length: 3`)}a=1`)
    await until(() => statuses(client).length === 2)
    expect(statuses(client)).toEqual([413, 200])
    client.reset()
  })
})

describe('7. the connection of a body', () => {
  it('answers two posts that come in one packet, in order', async () => {
    const {port} = await posted()
    const client = await raw(port)
    const one = (body: string) =>
      `${head('/', `Content-Type: ${form}\r\nContent-Length: ${body.length}`)}${body}`
    client.write(one('a=1') + one('b=%zz') + one('c=3'))
    await until(() => statuses(client).length === 3)
    expect(statuses(client)).toEqual([200, 400, 200])
    expect(client.received.toString()).toMatch(/\[\["a","1"\]\][^]*\[\["c","3"\]\]/)
    client.reset()
  })

  it.each([
    ['by its length', 'Content-Length: 100', '{"a"'],
    ['in chunks', 'Transfer-Encoding: chunked', '5\r\n{"a":\r\n'],
  ])('may break while the body comes %s: nothing runs, is logged or is held', async (_, line, part) => {
    const {port, app, ran, log} = await posted()
    const client = await raw(port)
    client.write(head('/', `Content-Type: ${json}\r\n${line}`) + part)
    // The next one is answered, so the server has seen this one.
    expect(await fieldsOf(`http://127.0.0.1:${port}`, '{}', json)).toEqual([])
    client.reset()
    await client.closed
    const start = performance.now()
    await app.close({drain: 8_000})
    expect(performance.now() - start).toBeLessThan(4_000)
    expect([ran(), log.lines]).toEqual([1, []])
  })

  it('is answered while the body is still to come, if it does not matter', async () => {
    const {port} = await serve({}, ({Route}) => {
      Route.auth.post('/auth', () => 'in')
      Route.post('/origin', () => 'in', {token: false})
    })
    const first = async (path: string, line = '') => {
      const client = await raw(port)
      const answer = await client
        .write(head(path, `Content-Length: 100\r\nContent-Type: ${json}${line}`))
        .head()
      client.reset()
      return answer.status
    }
    expect(await first('/auth')).toBe(401)
    expect(await first('/none')).toBe(404)
    expect(await first('/origin', '\r\nOrigin: https://evil.example')).toBe(403)
  })

  it('waits for a slow body as long as it comes', async () => {
    const {url, ran} = await posted()
    const entered = signal()
    const client: ClientRequest = request(url, {method: 'POST', headers: {'content-type': form}})
    client.write('a=', () => entered.fire())
    await entered.fired
    expect(await fieldsOf(url, 'b=1', form)).toEqual([['b', '1']])
    expect(ran()).toBe(1)
    client.end('1')
    const [response] = (await once(client, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(200)
    response.resume()
  })
})
