import {createServer} from 'node:net'
import {once} from 'node:events'
import {BootError, createApp, type App} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {afterEach, describe, expect, it} from 'vitest'
import {rawClient} from '../support/frames.js'

const apps: App[] = []
afterEach(() => Promise.all(apps.splice(0).map(app => app.close({drain: 200}))))

async function newApp(...args: Parameters<typeof createApp>): Promise<App> {
  const app = await createApp(...args)
  apps.push(app)
  app.Route.ws('/echo', Candy => Candy.ws.on('message', data => Candy.ws.send(data)), {token: false})
  return app
}

async function answers(target: App): Promise<void> {
  const client = await connect(target, '/echo', {token: false})
  client.send({n: 1})
  expect(await client.next()).toEqual({n: 1})
}

describe('8. app.listen', () => {
  it('serves on a free port of 127.0.0.1, and tells port, host and url', async () => {
    const app = await newApp()
    expect(app.url).toBeUndefined()
    const {port, host, url} = await app.listen({port: 0})
    expect(port).toBeGreaterThan(0)
    expect({host, url}).toEqual({host: '127.0.0.1', url: `http://127.0.0.1:${port}`})
    expect(app.url).toBe(url)
    await answers(app)
  })

  it('rejects with one clear error when the port is in use, and can listen elsewhere afterwards', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const {port} = other.address() as {port: number}
    const app = await newApp()
    await expect(app.listen({port})).rejects.toThrow(
      expect.objectContaining({message: `port ${port} on 127.0.0.1 is in use`, code: 'EADDRINUSE'}) as Error,
    )
    expect(app.url).toBeUndefined()
    await app.listen({port: 0})
    await answers(app)
    other.close()
  })

  it('rejects the second time, and goes on serving', async () => {
    const app = await newApp()
    await app.listen({port: 0})
    await expect(app.listen({port: 0})).rejects.toThrow('The app listens already')
    await answers(app)
  })

  it('rejects once the app is closed', async () => {
    const app = await newApp()
    await app.close()
    await expect(app.listen({port: 0})).rejects.toThrow('The app is closed')
  })

  it('rejects when the app is closed before it listens, and leaves no server', async () => {
    const app = await newApp()
    const listening = app.listen({port: 0})
    listening.catch(() => undefined)
    await app.close()
    await expect(listening).rejects.toThrow('The app is closed')
  })

  it.each([
    [{port: -1}, 'port'],
    [{port: 65_536}, 'port'],
    [{port: '80' as never}, 'port'],
    [{port: NaN}, 'port'],
    [{host: 7 as never}, 'host'],
    [{prot: 80} as never, 'prot'],
  ])('refuses %j, naming the option', async (options, name) => {
    const app = await newApp()
    const refused = await app.listen(options).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(BootError)
    expect((refused as BootError).message).toContain(`'${name}'`)
  })

  it('row 74: lets a second app have the port of a closed one', async () => {
    const first = await newApp()
    const {port} = await first.listen({port: 0})
    await answers(first)
    await first.close({drain: 500})
    const second = await newApp()
    await second.listen({port})
    await answers(second)
  })

  it('lets two apps serve side by side without meeting', async () => {
    const [one, two] = [await newApp(), await newApp()]
    await one.listen({port: 0})
    await two.listen({port: 0})
    const client = await connect(one, '/echo', {token: false})
    two.Route.wsServer.broadcast('not for one')
    client.send('mine')
    expect(await client.next()).toBe('mine')
    expect(two.Route.wsServer.clientCount).toBe(0)
  })
})

describe('8. app.close', () => {
  it('resolves for an app that never listened', async () => {
    await (await newApp()).close()
  })

  it('row 74: gives the same end when called twice, at once or later', async () => {
    const app = await newApp()
    await app.listen({port: 0})
    const client = await connect(app, '/echo', {token: false})
    await Promise.all([app.close(), app.close()])
    await app.close()
    expect(await client.closed).toEqual({code: 1012, reason: expect.stringMatching(/^retry=\d+$/) as string})
  })

  it.each([{drain: 0}, {drain: -1}, {drain: NaN}, {drain: 2 ** 31}, {drian: 5}])(
    'refuses %j, and can be called again as it should',
    async options => {
      const app = await newApp()
      const {url} = await app.listen({port: 0})
      await expect(app.close(options as never)).rejects.toBeInstanceOf(BootError)
      await answers(app)
      await app.close({drain: 500})
      await expect(connect(url, '/echo', {token: false})).rejects.toThrow('ECONNREFUSED')
    },
  )

  it('does not wait for a peer that has asked for nothing yet', async () => {
    const app = await newApp()
    const {url} = await app.listen({port: 0})
    const silent = await rawClient(url)
    const half = await rawClient(url)
    half.socket.write('GET /echo HTT')
    const start = performance.now()
    await app.close({drain: 5_000})
    expect(performance.now() - start).toBeLessThan(2_000)
    await Promise.all([silent.gone, half.gone])
    silent.destroy()
    half.destroy()
  })
})
