import {createApp, type App, type AppOptions} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {Agent, request, type IncomingMessage} from 'node:http'
import {once} from 'node:events'
import {createServer, type AddressInfo, type Socket} from 'node:net'
import {describe, expect, it, onTestFinished} from 'vitest'
import {memoryLogger} from '../support/log.js'
import {ask, handshake, raw, textFrame} from '../support/raw.js'
import {serve} from '../support/serve.js'

/** What `candy dev` hands to the version that serves. */
type Accepting = App & {accept(socket: Socket): void; giveWay(time: number): Promise<void>}

/** An app that does not listen; its connections are accepted by somebody else. */
async function behindADoor(options: AppOptions = {}) {
  const app = (await createApp(options)) as Accepting
  app.Route.page('/', () => 'hello')
  app.Route.ws('/echo', Candy => Candy.ws.on('message', data => Candy.ws.send(data)), {token: false})
  const door = createServer(socket => app.accept(socket)).listen(0, '127.0.0.1')
  onTestFinished(async () => {
    await app.close({drain: 200})
    door.close()
  })
  await once(door, 'listening')
  const {port} = door.address() as AddressInfo
  return {app, port, url: `http://127.0.0.1:${port}`}
}

it('serves pages and sockets on connections that another has accepted, and closes them', async () => {
  const {app, url} = await behindADoor()
  expect(await (await fetch(url)).text()).toBe('hello')
  const client = await connect(url, '/echo', {token: false})
  client.send({n: 1})
  expect(await client.next()).toEqual({n: 1})
  await app.close()
  expect(await client.closed).toMatchObject({code: 1012})
})

it('a connection that is only kept alive is closed at once where another serves, while sockets still drain', async () => {
  const {app, url, port} = await behindADoor()
  const agent = new Agent({keepAlive: true})
  const [answer] = (await once(request(url, {agent}).end(), 'response')) as [IncomingMessage]
  const {socket} = answer
  await once(answer.resume(), 'end')
  const silent = (await raw(port)).write(handshake('/echo'))
  await silent.head()
  const closed = app.giveWay(10_000)
  await once(socket, 'close')
  // It has not answered the closing handshake: the app still waits for it.
  expect(await silent.closeFrame()).toEqual({code: 1012, reason: 'retry=0'})
  expect(silent.socket.closed).toBe(false)
  silent.socket.destroy()
  await closed
})

it('a connection that had an answer before it became a socket is told 1012, not cut', async () => {
  const {app, port} = await behindADoor()
  const client = (await raw(port)).write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await client.head()
  client.write(handshake('/echo')).write(textFrame('there'))
  await expect.poll(() => client.received.toString('latin1')).toMatch(/ 101 [^]*there/)
  const closed = app.close()
  await expect.poll(() => client.received.toString('latin1')).toMatch(/retry=\d+/)
  client.socket.destroy()
  await closed
})

describe('over loopback, a page whose name was pointed at this computer (DNS rebinding)', () => {
  const get = (host: string) =>
    `GET /_candy/token HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\n\r\n`
  const own = (host: string) => ({Host: host, Origin: `http://${host}`})

  it('gets no token, no page and no socket, and the log says what to do', async () => {
    const log = memoryLogger()
    const {port} = await behindADoor({logger: log})
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      'localhost.evil.example',
      '127.0.0.1.evil.example',
    ]) {
      expect((await ask(port, get(host))).status).toBe(403)
      expect((await ask(port, handshake('/echo', own(host)))).status).toBe(403)
    }
    expect(log.lines).toContainEqual(
      expect.objectContaining({
        event: 'host.rejected',
        host: 'evil.example',
        remedy: expect.stringContaining('origins'),
      }),
    )
  })

  it.each(['127.0.0.1', '[::1]:3000', 'localhost:3000', 'app.localhost', '192.168.1.5:80'])(
    'a name that nobody else can point here is served: %s',
    async host => {
      const {port} = await behindADoor()
      expect((await ask(port, get(host))).status).toBe(200)
    },
  )

  it('a name is served that origins lists; any where a proxy is trusted, or every origin', async () => {
    const host = 'app.test:3000'
    const listed = await behindADoor({origins: ['http://app.test:3000']})
    expect((await ask(listed.port, get(host))).status).toBe(200)
    expect((await ask(listed.port, get('app.test:4000'))).status).toBe(403)
    for (const options of [{trustProxy: ['loopback']}, {origins: '*'}] as const) {
      const {port} = await behindADoor(options)
      expect((await ask(port, get(host))).status).toBe(200)
    }
  })

  it('an app that listens itself may have a proxy before it, and serves any name', async () => {
    const {port} = await serve({}, ({Route}) => Route.page('/', () => 'hello'))
    expect((await ask(port, get('app.example'))).status).toBe(200)
  })
})
