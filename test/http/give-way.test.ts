import type {App} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {connect as dial} from 'node:net'
import {once} from 'node:events'
import {expect, it} from 'vitest'
import {handshake, raw} from '../support/raw.js'
import {signal} from '../support/serve-handlers.js'
import {serve, type Served} from '../support/serve.js'

/** An app on whose port others may listen, told so by what runs it. */
interface GivingWay extends Omit<Served, 'app'> {
  readonly app: App & {giveWay(time?: number): Promise<void>}
}

const echo = (app: App) => {
  app.Route.page('/', () => 'hello')
  app.Route.ws('/echo', Candy => Candy.ws.on('message', data => Candy.ws.send(data)), {token: false})
}

const served = (declare = echo) => serve({}, declare) as Promise<GivingWay>

it('stops listening at once, tells its clients to come back at once, and is gone with them', async () => {
  const {app, url, port} = await served()
  const silent = (await raw(port)).write(handshake('/echo'))
  await silent.head()
  const client = await connect(url, '/echo', {token: false})
  const gone = app.giveWay()
  const [refused] = (await once(dial(port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException]
  expect(refused.code).toBe('ECONNREFUSED')
  expect(await client.closed).toEqual({code: 1012, reason: 'retry=0'})
  expect(await silent.closeFrame()).toEqual({code: 1012, reason: 'retry=0'})
  // It has not answered the closing handshake, and is waited for.
  expect(silent.socket.closed).toBe(false)
  silent.socket.destroy()
  await gone
})

it('lets in whoever had connected before, and tells them then', async () => {
  const {app, port} = await served()
  const late = await raw(port)
  // Taken, as the one behind it is answered.
  await connect(app.url!, '/echo', {token: false})
  const gone = app.giveWay()
  await once(dial(port, '127.0.0.1'), 'error')
  late.write(handshake('/echo'))
  expect((await late.head()).status).toBe(101)
  expect(await late.closeFrame()).toEqual({code: 1012, reason: 'retry=0'})
  late.socket.end()
  await gone
})

it('lets in a handshake that is under way', async () => {
  const [asked, answer] = [signal(), signal<boolean>()]
  const slow = () => {
    asked.fire()
    return answer.fired
  }
  const {app, port} = await served(app => app.Route.use(slow).ws('/slow', () => undefined, {token: false}))
  const client = (await raw(port)).write(handshake('/slow'))
  await asked.fired
  const gone = app.giveWay()
  await once(dial(port, '127.0.0.1'), 'error')
  answer.fire(true)
  expect((await client.head()).status).toBe(101)
  expect(await client.closeFrame()).toMatchObject({code: 1012})
  client.socket.end()
  await gone
})

it('answers a connection that is kept once more, is ready meanwhile, and says that it was the last time', async () => {
  const {app, port} = await served()
  const kept = (await raw(port)).write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await kept.until(() => kept.received.includes('hello') || undefined)
  const gone = app.giveWay()
  const before = kept.received.length
  kept.write('GET /_candy/ready HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await kept.closed
  const answer = kept.received.subarray(before).toString('latin1')
  expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*\r\nConnection: close\r\n/i)
  await gone
})

it('does not wait for connections that never ask: those that are kept, and those that are silent', async () => {
  const {app, port} = await served()
  const kept = (await raw(port)).write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await kept.head()
  const silent = await raw(port)
  await app.giveWay()
  await Promise.all([kept.closed, silent.closed])
})

it('cuts what is left at the deadline', async () => {
  const {app, port, log} = await served()
  const stuck = (await raw(port)).write(handshake('/echo'))
  await stuck.head()
  await app.giveWay(200)
  await stuck.closed
  expect(log.lines).toContainEqual(expect.objectContaining({event: 'drain.cut', sockets: 1}))
})
