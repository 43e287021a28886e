import {createApp} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {once} from 'node:events'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {describe, expect, it, onTestFinished} from 'vitest'
import {memoryLogger} from '../support/log.js'
import {ask, handshake} from '../support/raw.js'
import {serve, signal} from '../support/serve-handlers.js'

/** An app that drains until it is let go: the close handler of its one client waits. */
async function draining() {
  const letGo = signal()
  const log = memoryLogger({ofLife: true})
  const served = await serve(Candy => void Candy.ws.on('close', () => letGo.fired), {logger: log})
  served.app.Route.page('/page', () => 'a page')
  const client = await served.connect()
  return {...served, log, client, letGo: letGo.fire}
}

async function told(url: string, method = 'GET') {
  const response = await fetch(url, {method})
  const header = (name: string) => response.headers.get(name)
  return {
    status: response.status,
    text: await response.text(),
    cache: header('cache-control'),
    retry: header('retry-after'),
    connection: header('connection'),
  }
}

describe('7. /_candy/ready', () => {
  it('is 200 while the app serves, and 503 from the moment on it closes', async () => {
    const {app, url, letGo} = await draining()
    expect(await told(`${url}/_candy/ready`)).toMatchObject({status: 200, text: 'ready', cache: 'no-store'})
    expect(await told(`${url}/_candy/ready?probe=1`, 'HEAD')).toMatchObject({status: 200, text: ''})
    const closed = app.close({drain: 5_000})
    const no = {status: 503, cache: 'no-store', retry: '1', connection: 'close'}
    expect(await told(`${url}/_candy/ready`)).toMatchObject({...no, text: 'closing'})
    expect(await told(`${url}/_candy/ready`, 'HEAD')).toMatchObject({...no, text: ''})
    letGo()
    await closed
    await expect(fetch(`${url}/_candy/ready`)).rejects.toThrow()
  })

  it('is told through app.http() too, to the end and after it', async () => {
    const app = await createApp({logger: memoryLogger()})
    const listener = app.http()
    const server = createServer((request, response) =>
      listener(request, response, () => void response.writeHead(299).end()),
    )
    const url = await listening(server)
    expect(await told(`${url}/_candy/ready`)).toMatchObject({status: 200, text: 'ready'})
    await app.close()
    expect(await told(`${url}/_candy/ready`)).toMatchObject({status: 503, text: 'closing'})
    expect(await told(`${url}/_candy/token`)).toMatchObject({status: 299})
  })
})

describe('8. While the app drains', () => {
  it('requests are answered, and their connections closed', async () => {
    const {app, url, letGo} = await draining()
    expect(await told(`${url}/page`)).toMatchObject({status: 200, connection: 'keep-alive'})
    const closed = app.close({drain: 5_000})
    expect(await told(`${url}/page`)).toMatchObject({status: 200, text: 'a page', connection: 'close'})
    letGo()
    await closed
  })

  it('a new connection that asks for a socket is told 503, and when to come', async () => {
    const {app, url, letGo} = await draining()
    const port = Number(new URL(url).port)
    const closed = app.close({drain: 5_000})
    const answer = await ask(port, handshake('/'))
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
    letGo()
    await closed
  })

  it('an attached app refuses with 503 until it is done, unless another takes its place', async () => {
    const letGo = signal()
    const made = async () => {
      const app = await createApp({logger: memoryLogger()})
      onTestFinished(() => app.close({drain: 300}))
      app.Route.ws('/ours', Candy => void Candy.ws.on('close', () => letGo.fired), {token: false})
      return app
    }
    const [app, next] = [await made(), await made()]
    const server = createServer()
    const url = await listening(server)
    const port = Number(new URL(url).port)
    app.attach(server)
    await connect(url, '/ours', {token: false})
    const closed = app.close({drain: 5_000})
    expect((await ask(port, handshake('/ours'))).status).toBe(503)
    next.attach(server)
    const client = await connect(url, '/ours', {token: false})
    letGo.fire()
    await closed
    expect(next.Route.wsServer.clientCount).toBe(1)
    await client.close()
  })

  it('the log tells the beginning and the end, with how many', async () => {
    const {app, log, letGo} = await draining()
    const closed = app.close({drain: 5_000})
    letGo()
    await closed
    const lines = log.lines.filter(({event}) => String(event).startsWith('drain.'))
    expect(lines).toEqual([
      expect.objectContaining({level: 'info', event: 'drain.begin', connections: 1, within: 5_000}),
      expect.objectContaining({level: 'info', event: 'drain.end', connections: 0, sockets: 0, requests: 0}),
    ])
  })

  it('the log warns of what had to be cut, with how many', async () => {
    const {app, log} = await draining()
    await app.close({drain: 150})
    expect(log.lines).toContainEqual(
      expect.objectContaining({level: 'warn', event: 'drain.cut', limit: 'drainTimeout', connections: 1}),
    )
  })

  it('what never said when it would end is given limits.drainTimeout', async () => {
    const never = new Promise(() => undefined)
    const options = {limits: {drainTimeout: 150}}
    const {app, connect} = await serve(Candy => void Candy.ws.on('close', () => never), options)
    await connect()
    const start = performance.now()
    await app.close()
    expect(performance.now() - start).toBeGreaterThan(140)
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})

it('the limits in effect are logged once, when the app starts to serve', async () => {
  const log = memoryLogger({ofLife: true})
  const {app} = await serve(() => undefined, {logger: log, limits: {maxPerIp: 7, maxRooms: 'off'}})
  app.http()
  const lines = log.lines.filter(({event}) => event === 'limits')
  expect(lines).toEqual([expect.objectContaining({level: 'debug'})])
  expect(lines[0]!.limits).toMatchObject({maxPerIp: 7, maxRooms: 'off', maxPayload: 65_536})
})

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
