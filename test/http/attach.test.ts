import {createApp, type App, type AppOptions, type AttachTarget} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import type {IncomingMessage, Server} from 'node:http'
import {createServer as createTlsServer} from 'node:https'
import {connect as connectTls} from 'node:tls'
import type {Duplex} from 'node:stream'
import {afterEach, describe, expect, it} from 'vitest'
import {certificate} from '../support/certificate.js'
import {hostServer} from '../support/host.js'
import {memoryLogger} from '../support/log.js'
import {ask, handshake, raw, Raw} from '../support/raw.js'
import {signal} from '../support/serve-handlers.js'
import {heldBy, nothing} from '../support/serve.js'

const free = {token: false} as const

type Signal = ReturnType<typeof signal<void>>

const made: App[] = []
afterEach(async () => {
  await Promise.all(made.splice(0).map(app => app.close({drain: 500})))
})

/** An app that greets whoever comes to its path, and says it back. */
async function greeter(path: string, options: AppOptions = {}): Promise<App> {
  const app = await createApp({logger: memoryLogger(), ...options})
  made.push(app)
  app.Route.ws(
    path,
    Candy => {
      Candy.ws.send({from: path, secure: Candy.Request.secure})
      Candy.ws.on('message', data => Candy.ws.send(data))
    },
    free,
  )
  return app
}

/** An app whose route asks for a user, and gets an answer when the test says so. */
async function judging(asked: Signal, answer: Signal): Promise<App> {
  const auth = async () => {
    asked.fire()
    await answer.fired
    return {id: 1}
  }
  const app = await createApp({logger: memoryLogger(), auth})
  made.push(app)
  app.Route.auth.ws('/ours', Candy => void Candy.ws.send('hi'), free)
  return app
}

const greeting = async (port: number, path: string) =>
  (await connect(`http://127.0.0.1:${port}`, path, free)).next()
const page = async (port: number) => (await fetch(`http://127.0.0.1:${port}/`)).text()
const statusOf = async (port: number, path: string) => (await ask(port, handshake(path))).status

/** What attaching may change of a server. */
const stateOf = (server: AttachTarget) => ({
  own: Object.hasOwn(server, 'emit'),
  upgrade: (server as {listenerCount(event: string): number}).listenerCount('upgrade'),
})
const untouched = {own: false, upgrade: 0}

const emitOf = (server: Server): unknown => Reflect.get(server, 'emit')

/** An `emit` of somebody else's, over the one there is. */
function putOver(server: Server): {readonly emit: unknown; readonly heard: unknown[]} {
  const under = emitOf(server) as (...args: unknown[]) => boolean
  const heard: unknown[] = []
  const emit = (...args: unknown[]) => {
    heard.push(args[0])
    return Reflect.apply(under, server, args)
  }
  Object.assign(server, {emit})
  return {emit, heard}
}

describe('7. attach(): an app on a server that there is', () => {
  it('serves its routes there, and leaves the pages to it', async () => {
    const {server, port} = await hostServer()
    const app = await greeter('/ours')
    app.attach(server)
    expect(await greeting(port, '/ours')).toMatchObject({from: '/ours'})
    expect(await page(port)).toBe('theirs')
    expect(app.url).toBeUndefined()
  })

  it('answers 404 to a path that nobody else could answer', async () => {
    const {server, port} = await hostServer()
    const app = await greeter('/ours')
    app.attach(server)
    expect(await statusOf(port, '/none')).toBe(404)
    await expect.poll(() => heldBy(app)).toEqual(nothing)
  })

  it('is attached once however often, and detached by any of the functions it got', async () => {
    const {server, port} = await hostServer()
    const app = await greeter('/ours')
    const first = app.attach(server)
    const second = app.attach(server)
    expect(stateOf(server)).toEqual({own: true, upgrade: 1})
    expect(await greeting(port, '/ours')).toMatchObject({from: '/ours'})
    second()
    expect(stateOf(server)).toEqual(untouched)
    first()
    expect(stateOf(server)).toEqual(untouched)
  })

  it('is not detached by what detached it before', async () => {
    const {server, port} = await hostServer()
    const [app, other] = [await greeter('/ours'), await greeter('/other')]
    other.attach(server)
    const before = app.attach(server)
    before()
    app.attach(server)
    before()
    expect(await greeting(port, '/ours')).toMatchObject({from: '/ours'})
  })

  it.each([
    ['the first goes first', ['/a', '/b']],
    ['the last goes first', ['/b', '/a']],
  ])('stands beside another app, and %s', async (_name, order) => {
    const {server, port} = await hostServer()
    const apps = new Map([
      ['/a', await greeter('/a')],
      ['/b', await greeter('/b')],
    ])
    const detach = new Map([...apps].map(([path, app]) => [path, app.attach(server)]))
    for (const path of ['/a', '/b']) expect(await greeting(port, path)).toMatchObject({from: path})
    expect(await statusOf(port, '/none')).toBe(404)

    const [goes, stays] = order as [string, string]
    detach.get(goes)!()
    expect(await statusOf(port, goes)).toBe(404)
    expect(await greeting(port, stays)).toMatchObject({from: stays})
    detach.get(stays)!()
    expect(stateOf(server)).toEqual(untouched)
    expect(await statusOf(port, stays)).toBe(200)
  })

  it("gives back an emit that was the server's own before", async () => {
    const {server, port} = await hostServer()
    const own = putOver(server)
    const detach = (await greeter('/ours')).attach(server)
    expect(await greeting(port, '/ours')).toMatchObject({from: '/ours'})
    expect(own.heard).not.toContain('upgrade')
    detach()
    expect(emitOf(server)).toBe(own.emit)
  })

  it('leaves an emit that somebody put over its own, and is attached over that again', async () => {
    const {server, port} = await hostServer()
    const app = await greeter('/ours')
    const detach = app.attach(server)
    const over = putOver(server)
    expect(await greeting(port, '/ours')).toMatchObject({from: '/ours'})
    expect(over.heard).toContain('upgrade')

    detach()
    expect(emitOf(server)).toBe(over.emit)
    expect(server.listenerCount('upgrade')).toBe(0)
    expect(await page(port)).toBe('theirs')
    expect(await statusOf(port, '/ours')).toBe(200)

    const again = app.attach(server)
    expect(await greeting(port, '/ours')).toMatchObject({from: '/ours'})
    again()
    expect(emitOf(server)).toBe(over.emit)
    expect(await page(port)).toBe('theirs')
  })

  it('works beside a host that throws all upgrade listeners away and adds its own', async () => {
    const {server, port} = await hostServer()
    const app = await greeter('/ours')
    const detach = app.attach(server)
    server.removeAllListeners('upgrade')
    server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 418 Teapot\r\n\r\n'))
    expect(await greeting(port, '/ours')).toMatchObject({from: '/ours'})
    expect(await statusOf(port, '/theirs')).toBe(418)
    detach()
    expect(stateOf(server)).toEqual({own: false, upgrade: 1})
  })

  it("hears of what comes by an emit that somebody kept from before, as Fastify does for its host's other addresses", async () => {
    const [{server}, other] = [await hostServer(), await hostServer()]
    other.server.on('upgrade', server.emit.bind(server, 'upgrade'))
    const app = await greeter('/ours')
    const detach = app.attach(server)
    expect(await greeting(other.port, '/ours')).toMatchObject({from: '/ours'})
    expect(await statusOf(other.port, '/none')).toBe(404)
    detach()
    expect(stateOf(server)).toEqual(untouched)
  })

  it('serves a connection after it is detached, until the app closes', async () => {
    const {server, port} = await hostServer()
    const app = await greeter('/ours')
    const detach = app.attach(server)
    const client = await connect(`http://127.0.0.1:${port}`, '/ours', free)
    await client.next()
    detach()
    client.send('still there')
    expect(await client.next()).toBe('still there')
    await app.close({drain: 500})
    expect(await client.closed).toEqual({code: 1012, reason: expect.stringMatching(/^retry=\d+$/) as string})
    expect(await page(port)).toBe('theirs')
  })

  it('accepts a handshake that was under way when it was detached', async () => {
    const {server, port} = await hostServer()
    const [asked, answer] = [signal(), signal()]
    const app = await judging(asked, answer)
    const detach = app.attach(server)
    const connecting = connect(`http://127.0.0.1:${port}`, '/ours', free)
    await asked.fired
    detach()
    answer.fire()
    expect(await (await connecting).next()).toBe('hi')
  })

  it('is closed with its app: handshakes under way get 503, the server stays open and is as before', async () => {
    const {server, port} = await hostServer()
    const asked = signal()
    const app = await judging(asked, signal())
    app.attach(server)
    const answer = ask(port, handshake('/ours'))
    await asked.fired
    await app.close({drain: 500})
    expect((await answer).status).toBe(503)
    expect(stateOf(server)).toEqual(untouched)
    expect(await page(port)).toBe('theirs')
  })

  it('cannot be attached once it is closed', async () => {
    const {server} = await hostServer()
    const app = await greeter('/ours')
    await app.close()
    expect(() => app.attach(server)).toThrow('The app is closed: createApp() makes a new one')
    expect(stateOf(server)).toEqual(untouched)
  })

  it('serves a route declared later, unless it is strict', async () => {
    const {server, port} = await hostServer()
    const [app, strict] = [await greeter('/ours'), await greeter('/strict', {strict: true})]
    expect(() => strict.attach({} as AttachTarget)).toThrow(TypeError)
    strict.Route.ws('/before', () => undefined, free)
    app.attach(server)
    strict.attach(server)
    app.Route.ws('/later', Candy => void Candy.ws.send('late'), free)
    expect(await greeting(port, '/later')).toBe('late')
    expect(() => strict.Route.ws('/late', () => undefined, free)).toThrow('strict: true')
  })

  it('knows over TLS that the client came by https', async () => {
    const {server, port} = await hostServer(
      createTlsServer(certificate, (_request, response) => response.end('theirs')),
    )
    const app = await greeter('/ours')
    app.attach(server)
    const talk = async (origin: string) => {
      const client = new Raw(connectTls({port, host: '127.0.0.1', ca: certificate.cert}))
      const {status} = await client
        .write(handshake('/ours', {Host: `localhost:${port}`, Origin: origin}))
        .head()
      if (status === 101) await expect.poll(() => client.received.toString()).toContain('"secure":true')
      client.socket.destroy()
      return status
    }
    expect(await talk(`https://localhost:${port}`)).toBe(101)
    expect(await talk(`http://localhost:${port}`)).toBe(403)
    const plain = await hostServer()
    app.attach(plain.server)
    expect(await greeting(plain.port, '/ours')).toMatchObject({secure: false})
  })
})

describe('7. what attach() takes', () => {
  it.each<[string, (server: unknown) => AttachTarget]>([
    ['a node server', server => server as AttachTarget],
    ['what holds it as `server`', server => ({server})],
    ['what holds it as `httpServer`', server => ({httpServer: server})],
    ['what gives it by `getHttpServer()`', server => ({getHttpServer: () => server})],
  ])('%s', async (_name, wrap) => {
    const {server, port} = await hostServer()
    const detach = (await greeter('/ours')).attach(wrap(server))
    expect(await greeting(port, '/ours')).toMatchObject({from: '/ours'})
    detach()
    expect(stateOf(server)).toEqual(untouched)
  })

  const express = () => undefined
  it.each<[string, unknown, RegExp]>([
    ['a function, such as an Express app', express, /got a function: attach to what its listen\(\) returns/],
    [
      'Vite in middleware mode',
      {httpServer: null, middlewares: express},
      /middleware mode.*attach to the server/,
    ],
    ['a port', 3_000, /attach\(\) takes a node server/],
    ['nothing', undefined, /attach\(\) takes a node server/],
    ['null', null, /attach\(\) takes a node server/],
    ['an object without a server', {server: {on() {}}}, /attach\(\) takes a node server/],
  ])('is not %s: a TypeError says what to do', async (_name, target, message) => {
    const app = await greeter('/ours')
    expect(() => app.attach(target as AttachTarget)).toThrow(TypeError)
    expect(() => app.attach(target as AttachTarget)).toThrow(message)
  })
})

/** An attached app beside a host that listens for upgrades itself. */
async function beside(
  listener: (request: IncomingMessage, socket: Duplex) => void,
  limits: AppOptions['limits'] = {upgradeTimeout: 50},
) {
  const host = await hostServer()
  host.server.on('upgrade', listener)
  const app = await greeter('/ours', {limits})
  app.attach(host.server)
  return {...host, app}
}

describe('7. an upgrade that is not ours, on a server where others listen', () => {
  it('row 72: is theirs to answer, a malformed one too', async () => {
    const heard: unknown[] = []
    const {port} = await beside((request, socket) => {
      heard.push(request.url)
      socket.end('HTTP/1.1 418 Teapot\r\n\r\n')
    })
    const targets = ['/none', '//ours', '/ours/%zz', '/ours/../none', '/ours#x']
    for (const target of targets) expect([target, await statusOf(port, target)]).toEqual([target, 418])
    expect(heard).toEqual(targets)
    expect(await greeting(port, '/ours')).toMatchObject({from: '/ours'})
  })

  it("is Vite's where Vite says so, at a path of ours too", async () => {
    const {port} = await beside((_request, socket) => socket.end('HTTP/1.1 418 Teapot\r\n\r\n'))
    for (const protocol of ['vite-hmr', 'vite-ping']) {
      const {status} = await ask(port, handshake('/ours', {'Sec-WebSocket-Protocol': protocol}))
      expect([protocol, status]).toEqual([protocol, 418])
    }
  })

  it('is answered with 400 where it is malformed and nobody else listens', async () => {
    const {server, port} = await hostServer()
    const app = await greeter('/ours')
    app.attach(server)
    for (const target of ['//ours', '/ours/%zz', '/ours/../none', '/ours#x'])
      expect([target, await statusOf(port, target)]).toEqual([target, 400])
    await expect.poll(() => heldBy(app)).toEqual(nothing)
  })

  it.each<[string, (socket: Duplex) => unknown]>([
    ['nobody touches', () => undefined],
    ['somebody only guards against errors, as Vite does', socket => socket.on('error', () => undefined)],
    ['somebody only follows to its end, as Next does', socket => socket.once('close', () => undefined)],
  ])('is answered with 404 after the upgrade timeout if %s it', async (_name, touch) => {
    const {port} = await beside((_request, socket) => void touch(socket))
    expect(await statusOf(port, '/theirs')).toBe(404)
  })

  it('is answered with 404 on a connection that has carried an answer before, too', async () => {
    const {port} = await beside(() => undefined)
    const client = await raw(port)
    client.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    await expect.poll(() => client.received.toString()).toContain('theirs')
    client.write(handshake('/theirs'))
    await client.closed
    expect(client.received.toString()).toContain('HTTP/1.1 404 Not Found')
  })

  it.each<[string, (socket: Duplex) => unknown]>([
    ['listens on it', socket => socket.on('data', () => undefined)],
    ['wrote to it', socket => socket.write('HTTP/1.1 102 Processing\r\n\r\n')],
  ])('is left alone by us if somebody %s', async (_name, touch) => {
    const taken = signal<Duplex>()
    const {port} = await beside((request, socket) => {
      if (request.url !== '/theirs') return
      touch(socket)
      taken.fire(socket)
    })
    const client = await raw(port)
    client.write(handshake('/theirs'))
    const socket = await taken.fired
    // Its time is over before that of one who came later.
    expect(await statusOf(port, '/later')).toBe(404)
    expect(socket.writable).toBe(true)
    socket.end('HTTP/1.1 418 Teapot\r\n\r\n')
    await client.closed
    expect(client.received.toString()).not.toContain('404')
    expect(client.received.toString()).toContain('418 Teapot')
  })

  it('is waited for as long as it takes with the upgrade timeout off', async () => {
    const taken = signal<Duplex>()
    const {port} = await beside((_request, socket) => taken.fire(socket), {upgradeTimeout: 'off'})
    const client = await raw(port)
    const head = client.write(handshake('/theirs')).head()
    const socket = await taken.fired
    socket.end('HTTP/1.1 418 Teapot\r\n\r\n')
    expect((await head).status).toBe(418)
  })

  it('may be reset without ending the process', async () => {
    const taken = signal<Duplex>()
    const {port} = await beside((_request, socket) => taken.fire(socket), {upgradeTimeout: 10_000})
    const client = await raw(port)
    client.write(handshake('/theirs'))
    const socket = await taken.fired
    const closed = new Promise<boolean>(resolve => socket.once('close', resolve))
    socket.resume()
    client.reset()
    expect(await closed).toBe(true)
    expect(await greeting(port, '/ours')).toMatchObject({from: '/ours'})
  })
})

describe('7. upgrade(): an app behind a dispatcher', () => {
  it('takes what it has a route for, and leaves the socket alone otherwise', async () => {
    const {server, port} = await hostServer()
    const app = await greeter('/ours')
    const taken: [string, boolean, number][] = []
    server.on('upgrade', (request, socket, head) => {
      const events = ['error', 'close', 'data', 'end'].map(event => socket.listenerCount(event))
      const ours = app.upgrade(request, socket, head)
      const after = ['error', 'close', 'data', 'end'].map(event => socket.listenerCount(event))
      const added = after.reduce((sum, count, at) => sum + count - events[at]!, 0)
      taken.push([request.url!, ours, ours ? 0 : added])
      if (!ours) socket.end('HTTP/1.1 418 Teapot\r\n\r\n')
    })
    expect(await greeting(port, '/ours')).toMatchObject({from: '/ours'})
    expect(await statusOf(port, '/none')).toBe(418)
    expect(await statusOf(port, '//ours')).toBe(418)
    expect(taken).toEqual([
      ['/ours', true, 0],
      ['/none', false, 0],
      ['//ours', false, 0],
    ])
    expect(Object.hasOwn(server, 'emit')).toBe(false)
  })

  it('answers its own routes with 503 once the app is closed, and does not throw at the dispatcher', async () => {
    const {server, port} = await hostServer()
    const app = await greeter('/ours')
    server.on('upgrade', (request, socket, head) => {
      if (!app.upgrade(request, socket, head)) socket.end('HTTP/1.1 418 Teapot\r\n\r\n')
    })
    const client = await connect(`http://127.0.0.1:${port}`, '/ours', free)
    await app.close({drain: 500})
    expect(await client.closed).toMatchObject({code: 1012})
    expect(await statusOf(port, '/ours')).toBe(503)
    expect(await statusOf(port, '/none')).toBe(418)
  })

  it('counts no socket that was gone before it was handed over', async () => {
    const {server, port} = await hostServer()
    const app = await greeter('/ours', {limits: {maxConnections: 1}})
    server.on('upgrade', (request, socket, head) => {
      if (request.headers['x-late'] === undefined) return void app.upgrade(request, socket, head)
      socket.on('error', () => undefined).on('close', () => void app.upgrade(request, socket, head))
      socket.destroy()
    })
    for (const _ of [1, 2]) {
      const client = await raw(port)
      client.write(handshake('/ours', {'X-Late': 'yes'}))
      await client.closed
    }
    expect(heldBy(app)).toEqual(nothing)
    expect(await greeting(port, '/ours')).toMatchObject({from: '/ours'})
  })

  it('begins to serve: a strict app takes no more routes', async () => {
    const {server, port} = await hostServer()
    const app = await greeter('/ours', {strict: true})
    server.on('upgrade', (request, socket, head) => void app.upgrade(request, socket, head))
    expect(await greeting(port, '/ours')).toMatchObject({from: '/ours'})
    expect(() => app.Route.ws('/late', () => undefined, free)).toThrow('strict: true')
  })
})
