import {createApp, type App} from 'candy-ws'
import {createServer, ServerResponse} from 'node:http'
import type {Socket} from 'node:net'
import {describe, expect, it, onTestFinished} from 'vitest'
import {hostServer} from '../support/host.js'
import {memoryLogger} from '../support/log.js'
import {handshake, raw} from '../support/raw.js'
import {heldBy, nothing, serve} from '../support/serve.js'
import {signal, until} from '../support/serve-handlers.js'

const free = {token: false} as const
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`

/** What comes of both, sent in one packet, by the end of the connection. */
async function answerTo(port: number, target: string): Promise<string> {
  const client = await raw(port)
  client.write(Buffer.concat([Buffer.from(get('/slow')), handshake(target)]))
  await client.closed
  return client.received.toString('latin1')
}

async function hosted(declare: (app: App) => void): Promise<App> {
  const app = await createApp({logger: memoryLogger()})
  onTestFinished(() => app.close({drain: 500}))
  declare(app)
  return app
}

describe('2. A handshake that comes behind a request without an answer', () => {
  it.each(['/live', '/none'])(
    'ends the connection: no frame of %s and no page run into each other',
    async to => {
      const goOn = signal()
      let opened = 0
      const {app, port} = await serve({}, ({Route}) => {
        Route.page('/slow', async () => (await goOn.fired, 'the page'))
        Route.ws('/live', Candy => ((opened += 1), Candy.ws.send('the frame')), free)
      })
      expect(await answerTo(port, to)).toBe('')
      goOn.fire()
      expect(opened).toBe(0)
      await until(() => heldBy(app).sockets === 0)
      expect(heldBy(app)).toEqual(nothing)
    },
  )

  it("ends it where the request is the host's own", async () => {
    const app = await hosted(({Route}) => Route.ws('/live', Candy => Candy.ws.send('the frame'), free))
    const {server, port} = await hostServer(createServer(() => undefined))
    app.attach(server)
    expect(await answerTo(port, '/live')).toBe('')
  })

  it('is taken once the answer is out, on the connection that was kept alive', async () => {
    const {port} = await serve({}, ({Route}) => {
      Route.page('/slow', () => 'the page')
      Route.ws('/live', Candy => Candy.ws.close(4100, 'well'), free)
    })
    const client = await raw(port)
    await client.write(get('/slow')).head()
    await until(() => client.received.includes('the page'))
    client.write(handshake('/live'))
    await client.closed
    expect(client.received.toString('latin1')).toMatch(/the pageHTTP\/1\.1 101 [^]*well/)
  })

  it('is told from one whose dispatcher has made an answer for it, as @fastify/websocket does', async () => {
    const app = await hosted(({Route}) => Route.ws('/live', Candy => Candy.ws.close(4100), free))
    const server = createServer().on('upgrade', (request, socket, head) => {
      new ServerResponse(request).assignSocket(socket as Socket)
      app.upgrade(request, socket, head)
    })
    const {port} = await hostServer(server)
    const client = await raw(port)
    expect((await client.write(handshake('/live')).closeFrame()).code).toBe(4100)
    client.reset()
  })
})
