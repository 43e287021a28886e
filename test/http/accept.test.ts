import {createApp, type App} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {Agent, request, type IncomingMessage} from 'node:http'
import {once} from 'node:events'
import {createServer, type AddressInfo, type Socket} from 'node:net'
import {expect, it, onTestFinished} from 'vitest'
import {handshake, raw, textFrame} from '../support/raw.js'

/** What `candy dev` hands to the version that serves. */
type Accepting = App & {accept(socket: Socket): void; giveWay(time: number): Promise<void>}

/** An app that does not listen; its connections are accepted by somebody else. */
async function behindADoor() {
  const app = (await createApp()) as Accepting
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
  const client = (await raw(port)).write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await client.head()
  client.write(handshake('/echo')).write(textFrame('there'))
  await expect.poll(() => client.received.toString('latin1')).toMatch(/ 101 [^]*there/)
  const closed = app.close()
  await expect.poll(() => client.received.toString('latin1')).toMatch(/retry=\d+/)
  client.socket.destroy()
  await closed
})
