import {setTimeout as delay} from 'node:timers/promises'
import {Body, Candy, OnClose, OnMessage, OnOpen, Token, WsRoute} from 'candy-ws'
import {describe, expect, it} from 'vitest'
import {frames, lateListener, numbers} from '../support/late.js'
import {rawClient} from '../support/frames.js'
import {serve, signal, until} from '../support/serve-handlers.js'

describe('2. Nothing is lost at the start', () => {
  it('hands over 150 frames sent while the handler awaits 200 ms, in order, once', async () => {
    const late = lateListener(() => delay(200))
    const {connect} = await serve(late.handler)
    const client = await connect()
    for (const n of numbers(150)) client.send(String(n))
    await until(() => late.heard.length >= 150)
    await client.close()
    expect(late.heard).toEqual(numbers(150))
  })

  it('hands over frames that came in the very packet of the handshake', async () => {
    const late = lateListener(() => delay(50))
    const {url} = await serve(late.handler)
    const client = (await rawClient(url)).open('/', {frames: frames(150)})
    await until(() => late.heard.length >= 150)
    client.destroy()
    await until(() => late.closes.length > 0)
    expect(late.heard).toEqual(numbers(150))
  })

  it('hands over frames that came in the packet of a handshake whose middleware takes its time', async () => {
    const late = lateListener(() => delay(20))
    const {url} = await serve(late.handler, {route: {use: [async () => delay(50, true)]}})
    const client = (await rawClient(url)).open('/', {frames: frames(150)})
    await until(() => late.heard.length >= 150)
    client.destroy()
    expect(late.heard).toEqual(numbers(150))
  })

  it('handles what came before the FIN, then fires close once, with the room empty', async () => {
    const busy = signal()
    const late = lateListener(() => busy.fired)
    const {app, url} = await serve(late.handler)
    const client = (await rawClient(url)).open('/', {frames: frames(40)})
    const {ws, signal: aborted} = await late.accepted
    client.fin()
    await until(() => aborted.aborted)
    expect(ws.readyState).toBe(3)
    busy.fire()
    await until(() => late.closes.length > 0)
    expect(late.heard).toEqual(numbers(40))
    expect(late.closes).toEqual([1006])
    expect(ws.rooms).toEqual(new Set())
    expect(app.Route.wsServer.clientCount).toBe(0)
    expect((app.Route.wsServer as unknown as {roomCount: number}).roomCount).toBe(0)
    client.destroy()
  })

  it('handles more than fits before the pause, too, when the FIN is already there', async () => {
    const late = lateListener(() => delay(200))
    const {url} = await serve(late.handler)
    const client = (await rawClient(url)).open('/')
    await client.head
    for (const bytes of frames(150)) client.write(bytes)
    client.fin()
    await until(() => late.closes.length > 0)
    expect(late.heard).toEqual(numbers(150))
    expect(late.closes).toEqual([1006])
    client.destroy()
  })

  it('handles a gapless prefix of what came before a reset, then fires close', async () => {
    const late = lateListener(() => delay(100))
    const {url} = await serve(late.handler)
    const client = (await rawClient(url)).open('/', {frames: frames(150)})
    await late.accepted
    client.reset()
    await until(() => late.closes.length > 0)
    expect(late.heard).toEqual(numbers(late.heard.length))
    expect(late.closes).toEqual([1006])
  })

  it('tells a close listener that is attached after close has fired, once', async () => {
    const {connect} = await serve(Candy => Candy.ws.on('close', () => first.fire(Candy)))
    const first = signal<Candy>()
    await (await connect()).close(4000, 'bye')
    const {ws} = await first.fired
    const late: [number, string][] = []
    ws.on('close', (code, reason) => late.push([code, reason]))
    await until(() => late.length > 0)
    await delay(10)
    expect(late).toEqual([[4000, 'bye']])
  })

  it('hands over from the first message listener on, while the handler still runs', async () => {
    const settled = signal()
    const {connect} = await serve(async Candy => {
      Candy.ws.on('message', data => Candy.ws.send({heard: data}))
      await settled.fired
      Candy.ws.send('settled')
    })
    const client = await connect()
    client.send(1)
    expect(await client.next()).toEqual({heard: 1})
    settled.fire()
    expect(await client.next()).toBe('settled')
  })

  it('lets a second listener of the same turn hear the first frame', async () => {
    const heard: string[] = []
    const {url} = await serve(async Candy => {
      await delay(20)
      Candy.ws.on('message', () => heard.push('a'))
      Candy.ws.on('message', () => heard.push('b'))
      await delay(20)
    })
    const client = (await rawClient(url)).open('/', {frames: frames(1)})
    await until(() => heard.length >= 2)
    expect(heard).toEqual(['a', 'b'])
    client.destroy()
  })

  it('keeps what a once listener left over until the handler listens again or settles', async () => {
    const heard: unknown[] = []
    const {url} = await serve(async Candy => {
      const next = () => new Promise(resolve => Candy.ws.once('message', resolve))
      heard.push(await next())
      await delay(20)
      heard.push(await next())
      Candy.ws.on('message', data => heard.push(data))
    })
    const client = (await rawClient(url)).open('/', {frames: frames(10)})
    await until(() => heard.length >= 10)
    expect(heard).toEqual(numbers(10))
    client.destroy()
  })

  it('lets middleware listen too, and the handler still miss nothing', async () => {
    const heard: unknown[] = []
    const {url} = await serve(
      async Candy => {
        Candy.ws.on('close', () => undefined)
        await delay(30)
        Candy.ws.on('message', data => heard.push(['handler', data]))
      },
      {route: {use: [Candy => void Candy.ws.on('message', data => heard.push(['middleware', data]))]}},
    )
    const client = (await rawClient(url)).open('/', {frames: frames(3)})
    await until(() => heard.length >= 6)
    expect(heard).toEqual(
      numbers(3).flatMap(n => [
        ['middleware', n],
        ['handler', n],
      ]),
    )
    client.destroy()
  })

  it('fires close for a handler that itself waits for it, after what was sent', async () => {
    const log: unknown[] = []
    const {connect} = await serve(async Candy => {
      Candy.ws.on('message', data => log.push(data))
      log.push(await new Promise(resolve => Candy.ws.on('close', resolve)))
      Candy.ws.on('close', code => log.push(['late', code]))
    })
    const client = await connect()
    client.send(1)
    await client.close(4000)
    await until(() => log.length >= 3)
    expect(log).toEqual([1, 4000, ['late', 4000]])
  })

  it('makes a controller wait until @OnOpen has settled, whatever it listens to', async () => {
    const log: unknown[] = []
    @WsRoute('/')
    @Token(false)
    class Slow {
      constructor(private readonly candy: Candy) {}
      @OnOpen() async opened() {
        this.candy.ws.on('message', data => log.push(['plain', data]))
        await delay(100)
        log.push('opened')
      }
      @OnMessage() heard(@Body() data: unknown) {
        log.push(data)
      }
      @OnClose() closed() {
        log.push('closed')
      }
    }
    const {url} = await serve({}, {controllers: [Slow]})
    const client = (await rawClient(url)).open('/', {frames: frames(100)})
    await client.head
    client.fin()
    await until(() => log.at(-1) === 'closed')
    expect(log).toEqual(['opened', ...numbers(100).flatMap(n => [['plain', n], n]), 'closed'])
    client.destroy()
  })
})
