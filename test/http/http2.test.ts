import {createApp} from 'candy-ws'
import {once} from 'node:events'
import {connect, createSecureServer, type IncomingHttpHeaders} from 'node:http2'
import type {AddressInfo} from 'node:net'
import {text} from 'node:stream/consumers'
import {describe, expect, it, onTestFinished} from 'vitest'
import {certificate} from '../support/certificate.js'
import {memoryLogger} from '../support/log.js'

/** An app beside others on a server that speaks HTTP/2, as Vite's does over https, and a browser there. */
async function site() {
  const app = await createApp({logger: memoryLogger()})
  app.Route.post('/post', Candy => ({host: Candy.Request.host, ...Candy.Request.data.post}), {token: false})
  const server = createSecureServer({allowHTTP1: true, ...certificate}, app.http() as never)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  const session = connect(`https://127.0.0.1:${port}`, {ca: certificate.cert})
  onTestFinished(async () => {
    session.close()
    const closed = once(server, 'close')
    server.close()
    await closed
    await app.close({drain: 500})
  })
  const ask = async (headers: Record<string, string>, body = '') => {
    const stream = session.request(headers, {endStream: body === ''})
    const answered = once(stream, 'response') as Promise<[IncomingHttpHeaders & {':status'?: number}]>
    if (body !== '') stream.end(body)
    const [head] = await answered
    return {status: head[':status'], cookie: head['set-cookie']?.[0], text: await text(stream)}
  }
  return {ask, host: `127.0.0.1:${port}`}
}

describe('7. Over HTTP/2', () => {
  it('the host is known, and a page of it is no foreign one', async () => {
    const {ask, host} = await site()
    const origin = `https://${host}`
    const headers = {':method': 'POST', ':path': '/post', 'content-type': 'application/json'}
    const own = await ask({...headers, origin}, '{"a":1}')
    expect([own.status, JSON.parse(own.text)]).toEqual([200, {host, a: 1}])
    expect((await ask({...headers, origin: 'https://evil.example'}, '{"a":1}')).status).toBe(403)
    expect((await ask({...headers, origin: `http://${host}`}, '{"a":1}')).status).toBe(403)
  })

  it('its token is for pages of the same origin', async () => {
    const {ask, host} = await site()
    const headers = {':path': '/_candy/token'}
    const own = await ask({...headers, origin: `https://${host}`, 'sec-fetch-site': 'same-origin'})
    expect(own.status).toBe(200)
    expect(own.cookie).toMatch(/^__Host-candy_session=.*; Secure/)
    expect((await ask({...headers, origin: 'https://evil.example'})).status).toBe(403)
  })
})
