import {createApp} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {get, type IncomingMessage} from 'node:http'
import {describe, expect, it, vi} from 'vitest'
import {makeFolder, removeFolders} from '../support/app-folder.js'
import {raw} from '../support/raw.js'
import {serve} from '../support/serve.js'
import {signal} from '../support/serve-handlers.js'

it('an answer that is under way when the app closes arrives whole', async () => {
  const size = 30_000_000
  const app = await createApp({dir: makeFolder({'public/big.txt': 'x'.repeat(size)})})
  const {url} = await app.listen({port: 0})
  const response = await new Promise<IncomingMessage>(resolve => get(`${url}/big.txt`, resolve))
  const closed = app.close({drain: 8_000})
  let received = 0
  for await (const chunk of response) received += (chunk as Buffer).length
  await closed
  removeFolders()
  expect(received).toBe(size)
})

it('a connect handler may close the app: its own client is told, too', async () => {
  const app = await createApp()
  let closed: Promise<void> | undefined
  app.Route.ws('/last', () => void (closed = app.close({drain: 3_000})), {token: false})
  const client = await connect(app, '/last')
  expect(await client.closed).toMatchObject({code: 1012})
  await closed
})

describe('7. app.close() and HTTP', () => {
  const slowly = async () => {
    const [entered, release] = [signal(), signal()]
    const served = await serve({}, ({Route}) => {
      Route.page('/slow', async Candy => {
        entered.fire()
        await release.fired
        return [Candy.signal.aborted, 'whole']
      })
      Route.page('/quick', () => 'quick')
    })
    return {...served, entered: entered.fired, release: release.fire}
  }

  it('waits for an answer that is under way, and takes no new connection', async () => {
    const {app, url, entered, release} = await slowly()
    const answer = fetch(`${url}/slow`)
    await entered
    const closed = vi.fn()
    const closing = app.close({drain: 8_000}).then(closed)
    await expect(fetch(`${url}/quick`)).rejects.toThrow()
    expect(closed).not.toHaveBeenCalled()
    release()
    expect(await (await answer).json()).toEqual([false, 'whole'])
    await closing
  })

  it('cuts at the deadline an answer that does not come, and aborts its signal', async () => {
    const [entered, aborted] = [signal(), signal()]
    const {app, port} = await serve({}, ({Route}) =>
      Route.page('/', Candy => {
        entered.fire()
        Candy.signal.addEventListener('abort', () => aborted.fire())
        return new Promise(() => undefined)
      }),
    )
    const client = await raw(port)
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await entered.fired
    await app.close({drain: 150})
    await Promise.all([client.closed, aborted.fired])
    expect(client.received.toString()).toBe('')
  })

  it('cuts at the deadline a stream that does not end, and tells its source', async () => {
    const cancelled = signal()
    const {app, url} = await serve({}, ({Route}) =>
      Route.page(
        '/',
        () =>
          new Response(
            new ReadableStream<Uint8Array>({
              start: controller => controller.enqueue(Buffer.from('tick')),
              cancel: () => cancelled.fire(),
            }),
          ),
      ),
    )
    const response = await fetch(url)
    await app.close({drain: 150})
    await cancelled.fired
    await expect(response.text()).rejects.toThrow()
  })

  it('does not wait for a connection that is only kept alive', async () => {
    const {app, port} = await slowly()
    const client = await raw(port)
    expect((await client.write('GET /quick HTTP/1.1\r\nHost: a\r\n\r\n').head()).status).toBe(200)
    const start = performance.now()
    await app.close({drain: 8_000})
    expect(performance.now() - start).toBeLessThan(4_000)
    await client.closed
  })
})

it('a connection is kept for the next request longer than a proxy keeps it, whatever a head may take', async () => {
  const {port} = await serve({limits: {headersTimeout: 50}}, ({Route}) => Route.page('/', () => 'page'))
  const client = await raw(port)
  const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
  const {headers} = await client.write(request).head()
  expect(Number(/^timeout=(\d+)$/.exec(headers.get('keep-alive') ?? '')?.[1])).toBeGreaterThan(60)
  // Node looks for heads that take too long every 25 ms. One that does not end shows that it has.
  const silent = await raw(port)
  expect((await silent.head()).status).toBe(408)
  const before = client.received.length
  client.write(request)
  await client.until(() => (client.received.length > before ? true : undefined))
  expect(client.received.toString().match(/HTTP\/1\.1 200/g)).toHaveLength(2)
})
