import {Candy, OnClose, OnMessage, OnOpen, Token, WsRoute} from 'candy-ws'
import {setTimeout as delay} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {handshake, raw, textFrame} from '../support/raw.js'
import {heldBy, nothing, serve} from '../support/serve.js'

const free = {token: false} as const
const count = 150
const frames = Buffer.concat(Array.from({length: count}, (_, n) => textFrame(String(n))))
const inOrder = Array.from({length: count}, (_, n) => n)

describe('2. The handshake: nothing is lost at the start', () => {
  it('hands over in order what came with the request and while auth, middleware and handler ran', async () => {
    const got: unknown[] = []
    const {app, port, log} = await serve({auth: () => delay(50, {id: 1})})
    app.Route.auth
      .use(() => delay(50))
      .ws(
        '/x',
        async Candy => {
          await delay(200)
          Candy.ws.on('message', data => void got.push(data))
        },
        free,
      )
    const early = await raw(port)
    early.write(Buffer.concat([handshake('/x'), frames]))
    await expect.poll(() => got.length, {timeout: 3_000}).toBe(count)
    expect(got).toEqual(inOrder)
    early.reset()

    got.length = 0
    const late = await raw(port)
    await late.write(handshake('/x')).head()
    late.write(frames)
    await expect.poll(() => got.length, {timeout: 3_000}).toBe(count)
    expect(got).toEqual(inOrder)
    expect(log.errors()).toEqual([])
    late.reset()
    await expect.poll(() => heldBy(app)).toEqual(nothing)
  })

  it('hands over at the first message listener of a function, and after @OnOpen of a controller', async () => {
    const steps: string[] = []
    let go!: () => void
    const gone = new Promise<void>(resolve => (go = resolve))
    @WsRoute('/class')
    @Token(false)
    class Waits {
      @OnOpen() async open(candy: Candy) {
        candy.ws.on('message', () => void steps.push('heard'))
        await gone
        steps.push('opened')
      }
      @OnMessage() any() {
        steps.push('handled')
      }
      @OnClose() closed() {
        steps.push('closed')
      }
    }
    const {app, port} = await serve({controllers: [Waits]})
    let heard = 0
    app.Route.ws(
      '/function',
      async Candy => {
        Candy.ws.on('message', () => void (heard += 1))
        await gone
      },
      free,
    )
    const a = await raw(port)
    a.write(Buffer.concat([handshake('/function'), textFrame('1')]))
    await expect.poll(() => heard).toBe(1)
    const b = await raw(port)
    b.write(Buffer.concat([handshake('/class'), textFrame('1')]))
    await b.head()
    b.socket.end()
    await expect.poll(() => app.Route.wsServer.clientCount).toBe(1)
    expect(steps).toEqual([])
    go()
    await expect.poll(() => steps).toEqual(['opened', 'heard', 'handled', 'closed'])
    a.reset()
  })

  it('fires close, once, for listeners that come after the end, and the room stays empty', async () => {
    const closes: unknown[] = []
    let end!: () => void
    const ended = new Promise<void>(resolve => (end = resolve))
    const {app, port} = await serve()
    app.Route.ws(
      '/x',
      async Candy => {
        await ended
        Candy.ws.join('lobby')
        Candy.ws.on('close', code => void closes.push(code))
        expect(Candy.ws.send('late')).toBe(false)
      },
      free,
    )
    const a = await raw(port)
    await a.write(handshake('/x')).head()
    a.reset()
    await expect.poll(() => heldBy(app).sockets).toBe(0)
    end()
    await expect.poll(() => heldBy(app)).toEqual(nothing)
    expect(closes).toEqual([1006])
  })

  it('handles what came before a FIN, and of what came before a reset a gapless prefix', async () => {
    const got: unknown[] = []
    let closed = 0
    const {app, port} = await serve()
    app.Route.ws(
      '/x',
      Candy => {
        Candy.ws.on('message', async data => {
          await delay(0)
          expect(closed).toBe(0)
          got.push(data)
        })
        Candy.ws.on('close', () => void (closed += 1))
      },
      free,
    )
    const a = await raw(port)
    a.write(handshake('/x')).write(frames).socket.end()
    await expect.poll(() => closed).toBe(1)
    expect(got).toEqual(inOrder)

    got.length = 0
    closed = 0
    const b = await raw(port)
    await b.write(handshake('/x')).head()
    await new Promise(resolve => b.socket.write(frames, resolve))
    b.reset()
    await expect.poll(() => closed).toBe(1)
    expect(got).toEqual(inOrder.slice(0, got.length))
    await expect.poll(() => heldBy(app)).toEqual(nothing)
  })

  it('reaches no handler after the server decided to close, and the socket is gone within 2.5 s', async () => {
    let heard = 0
    const {app, port} = await serve()
    app.Route.ws(
      '/x',
      Candy => {
        Candy.ws.on('message', () => {
          heard += 1
          Candy.ws.close(4000, 'enough')
        })
      },
      free,
    )
    app.Route.use(() => false).ws('/refused', Candy => Candy.ws.on('message', () => (heard += 1)), free)
    for (const [target, expected] of [
      ['/x', 1],
      ['/refused', 0],
    ] as const) {
      heard = 0
      const peer = await raw(port, {halfOpen: true})
      peer.write(Buffer.concat([handshake(target), frames]))
      await peer.closeFrame()
      const began = performance.now()
      const flood = setInterval(() => peer.socket.writable && peer.write(frames), 20)
      await expect.poll(() => heldBy(app), {timeout: 2_500}).toEqual(nothing)
      clearInterval(flood)
      peer.socket.destroy()
      expect(performance.now() - began).toBeLessThan(2_500)
      expect(heard).toBe(expected)
    }
  })
})
