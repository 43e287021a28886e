import {once} from 'node:events'
import type {Candy} from 'candy-ws'
import {FramedSocket} from '#candy/http/framed-socket.js'
import {IsInt} from 'class-validator'
import {beforeEach, describe, expect, it, vi} from 'vitest'
import {frame, rawClient, type RawClient} from '../support/frames.js'
import {frames, numbers} from '../support/late.js'
import {serve, signal, type ServeOptions} from '../support/serve-handlers.js'

class Count {
  @IsInt() n!: number
}

/** How many messages, pings and pongs `ws` has read for the server. */
let read = 0
beforeEach(() => {
  read = 0
  const emit = Reflect.get(FramedSocket.prototype, 'emit')
  vi.spyOn(FramedSocket.prototype, 'emit').mockImplementation(function (this: FramedSocket, event, ...args) {
    if (event === 'message' || event === 'ping' || event === 'pong') read += 1
    return emit.call(this, event, ...args)
  })
  return () => vi.restoreAllMocks()
})

/** Who is only told that it is over, is told so for a minute. */
const limits = {closeTimeout: 60_000}

/** What is allowed, and what `ws` finds in the piece that it was reading. */
const bounded = 20_000

/** A client that does not care what it is told: it sends half a million frames, as long as somebody takes them. */
async function flood(client: RawClient, opcode = 1): Promise<void> {
  const piece = Buffer.concat(numbers(5_000).map(() => frame('x', opcode)))
  const gone = client.gone.then(() => true)
  for (let n = 0; n < 100; n += 1) {
    const isGone = client.socket.write(piece)
      ? await Promise.race([gone, new Promise<void>(resolve => setImmediate(resolve))])
      : await Promise.race([gone, once(client.socket, 'drain').catch(() => true)])
    if (isGone === true) break
  }
  client.destroy()
}

async function told(client: RawClient): Promise<{code: number; reason: string}> {
  for (;;) {
    const {opcode, payload} = await client.next()
    if (opcode === 8) return {code: payload.readUInt16BE(), reason: payload.toString('utf8', 2)}
  }
}

async function opened(handler: (Candy: Candy) => unknown, options: ServeOptions = {}) {
  const ended = signal<[number, string]>()
  const served = await serve(
    Candy => {
      Candy.ws.on('close', (code, reason) => ended.fire([code, reason]))
      return handler(Candy)
    },
    {...options, limits: {...limits, ...options.limits}},
  )
  const client = (await rawClient(served.url)).open('/')
  await client.head
  const exceeded = () => served.log.lines.flatMap(({limit}) => (limit ? [limit] : []))
  return {...served, client, ended: ended.fired, exceeded}
}

const closes = (Candy: Candy) => Candy.ws.on('message', () => Candy.ws.close(4000, 'enough'))

describe('a client that was told it is over', () => {
  it.each([
    ['messages', 1],
    ['pings', 9],
    ['pongs', 10],
  ])('and floods with %s is cut at the rate, and that is said once', async (_name, opcode) => {
    const {client, ended, exceeded} = await opened(closes)
    client.write(frame('go on'))
    expect(await told(client)).toEqual({code: 4000, reason: 'enough'})
    await flood(client, opcode)
    expect(read).toBeLessThan(bounded)
    expect(await ended).toEqual([4000, 'enough'])
    expect(exceeded()).toEqual(['messageRate'])
  })

  it('is told its code once, whatever it had on its way', async () => {
    const {client, ended} = await opened(closes)
    client.write(...frames(5_000))
    expect(await told(client)).toEqual({code: 4000, reason: 'enough'})
    await client.gone
    expect(client.frames).toEqual([])
    expect(await ended).toEqual([4000, 'enough'])
    client.destroy()
  })

  it('may send on at its rate until it answers', async () => {
    const {client, ended, exceeded} = await opened(closes)
    client.write(...frames(150))
    expect(await told(client)).toEqual({code: 4000, reason: 'enough'})
    client.write(frame(Buffer.from([0x0f, 0xa0]), 8))
    client.fin()
    expect(await ended).toEqual([4000, ''])
    expect(exceeded()).toEqual([])
    client.destroy()
  })
})

describe('a client that was refused with a close code', () => {
  const use = [() => false]

  it.each([
    ['messages', 1],
    ['pings', 9],
  ])('and floods with %s is cut', async (_name, opcode) => {
    const {client} = await opened(() => undefined, {route: {use}})
    expect(await told(client)).toEqual({code: 4003, reason: 'Forbidden'})
    await flood(client, opcode)
    expect(read).toBeLessThan(bounded)
  })

  it('hears its code, whatever it had on its way', async () => {
    const {url} = await serve(() => undefined, {route: {use}, limits})
    const client = (await rawClient(url)).open('/', {frames: frames(5_000)})
    expect(await told(client)).toEqual({code: 4003, reason: 'Forbidden'})
    client.destroy()
  })
})

describe('too many invalid messages', () => {
  const end = {code: 1008, reason: 'Too many invalid messages'}
  const typed = ({ws}: Candy) => ws.on('count', Count, ({n}) => n)

  it('are all answered, and end the connection at once, also where no rate holds', async () => {
    const {client, ended} = await opened(typed, {
      limits: {...limits, messageRate: 'off', byteRate: 'off'},
    })
    client.write(...frames(21))
    for (const _ of numbers(21)) expect((await client.next()).payload.toString()).toContain('VALIDATION')
    expect(await told(client)).toEqual(end)
    expect(await ended).toEqual([end.code, end.reason])
    await flood(client)
    expect(read).toBeLessThan(bounded)
  })

  it('are told as such, whatever the client had on its way', async () => {
    const {client, exceeded} = await opened(typed)
    client.write(...frames(5_000))
    expect(await told(client)).toEqual(end)
    expect(exceeded()).toEqual(['maxViolations'])
    client.destroy()
  })
})
