import {createServer} from 'node:http'
import {gzipSync} from 'node:zlib'
import {describe, expect, it} from 'vitest'
import {hostServer} from '../support/host.js'
import {raw} from '../support/raw.js'
import {serve} from '../support/serve.js'

const bytes = Buffer.from('a body')
const isShorter = 'The body of an answer does not have the 2 bytes that its Content-Length says'
const isLonger = 'The body of an answer does not have the 20 bytes that its Content-Length says'

const stream = () => new Blob([bytes]).stream()
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`
const last = 'GET /last HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n'

/** What a proxy reads that asks for another page on the same connection, and what stands in the log. */
async function served(handler: () => unknown) {
  const {port, log} = await serve({}, ({Route}) => {
    Route.page('/first', handler)
    Route.page('/last', () => 'the last page')
  })
  const client = await raw(port)
  client.write(get('/first') + last)
  await client.closed
  return {text: client.received.toString('latin1'), errors: log.errors()}
}

describe('7. A Response whose Content-Length is not the length of its body', () => {
  it.each([
    ['text that is longer', () => new Response('a body', {headers: {'Content-Length': '2'}}), isShorter],
    ['text that is shorter', () => new Response('a body', {headers: {'Content-Length': '20'}}), isLonger],
    ['a stream that is longer', () => new Response(stream(), {headers: {'Content-Length': '2'}}), isShorter],
    ['a stream that is shorter', () => new Response(stream(), {headers: {'Content-Length': '20'}}), isLonger],
  ])(
    'is cut with one line in the log, and nobody takes its rest for an answer: %s',
    async (_, make, error) => {
      const {text, errors} = await served(make)
      expect(text).not.toContain('the last page')
      expect(text).not.toContain('a body')
      expect(errors).toEqual([
        expect.objectContaining({error: `TypeError: ${error}`, message: 'the page answer broke off'}),
      ])
    },
  )

  it('is cut where an upstream chose the rest: its headers were copied, and its encoding is undone', async () => {
    const smuggled = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil'
    const packed = gzipSync('-'.repeat(60) + smuggled)
    const upstream = await hostServer(
      createServer((_request, response) => {
        response.writeHead(200, {'Content-Encoding': 'gzip', 'Content-Length': packed.length})
        response.end(packed)
      }),
    )
    const {text, errors} = await served(async () => {
      const fetched = await fetch(`http://127.0.0.1:${upstream.port}`)
      return new Response(fetched.body, fetched)
    })
    expect(text).not.toContain('evil')
    expect(errors.length).toBe(1)
  })

  it('is not taken for the next answer where there is no body at all', async () => {
    const {text, errors} = await served(() => new Response(null, {headers: {'Content-Length': '20'}}))
    expect(text.split(/HTTP\/1\.1 200 OK/)[1]).not.toMatch(/content-length/i)
    expect(text).toMatch(/the last page$/)
    expect(errors).toEqual([])
  })

  it('has no encoding of the way beside it', async () => {
    const headers = {'Content-Length': '6', 'Transfer-Encoding': 'chunked'}
    const {text} = await served(() => new Response('a body', {headers}))
    expect(text).not.toMatch(/transfer-encoding/i)
    expect(text).toMatch(/\r\n\r\na bodyHTTP\/1\.1 200 OK/)
  })

  it('is its own word where it holds: a download shows how far it is', async () => {
    const {text} = await served(() => new Response(stream(), {headers: {'Content-Length': '6'}}))
    expect(text).toMatch(/content-length: 6\r\n[^]*\r\n\r\na bodyHTTP\/1\.1 200 OK[^]*the last page$/i)
  })

  it('is kept for HEAD and 304, which speak of what they do not send', async () => {
    const {url} = await serve({}, ({Route}) => {
      const headers = {'Content-Length': '20'}
      Route.page('/head', () => new Response(null, {headers}))
      Route.page('/not-modified', () => new Response(null, {status: 304, headers}))
    })
    const head = await fetch(`${url}/head`, {method: 'HEAD'})
    expect(head.headers.get('content-length')).toBe('20')
    const same = await fetch(`${url}/not-modified`)
    expect([same.status, same.headers.get('content-length')]).toEqual([304, '20'])
  })
})
