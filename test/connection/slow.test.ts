import {once} from 'node:events'
import type {Candy} from 'candy-ws'
import type {Traffic} from '#candy/telemetry/traffic.js'
import {IsInt} from 'class-validator'
import {describe, expect, it} from 'vitest'
import {rawClient, type RawClient} from '../support/frames.js'
import {serve, signal, type Served} from '../support/serve-handlers.js'

const mib = 1_024 * 1_024
const block = 'x'.repeat(60_000)

class Ask {
  @IsInt()
  n!: number
}

/** What of a connection only Candy sees. */
interface Live {
  readonly waiting: {/** Bytes. */ readonly buffered: number}
  readonly traffic: Traffic
}

interface End {
  readonly code: number
  readonly reason: string
}

/** Of one connection. */
interface Slow {
  readonly client: RawClient
  readonly Candy: Candy
  readonly live: Live
  readonly closed: Promise<End>
}

async function room(options: Parameters<typeof serve>[1] = {}) {
  const accepted: ((slow: Omit<Slow, 'client'>) => void)[] = []
  const served = await serve(Candy => {
    Candy.ws.join('room')
    const closed = signal<End>()
    Candy.ws.on('close', (code, reason) => closed.fire({code, reason}))
    accepted.shift()!({Candy, live: liveOf(Candy), closed: closed.fired})
  }, options)
  const connect = async (): Promise<Slow> => {
    const {fired, fire} = signal<Omit<Slow, 'client'>>()
    accepted.push(fire)
    const client = (await rawClient(served.url)).open('/')
    await client.head
    return {client, ...(await fired)}
  }
  return {...served, connect}
}

function liveOf({ws}: Candy): Live {
  return (ws as unknown as {readonly live: Live}).live
}

/** The client reads nothing more. */
async function stopped(served: {connect: () => Promise<Slow>}): Promise<Slow> {
  const slow = await served.connect()
  slow.client.socket.pause()
  return slow
}

const turn = () => new Promise<void>(resolve => setImmediate(resolve))
const events = ({log}: Pick<Served, 'log'>, event: string) => log.lines.filter(line => line.event === event)

describe('a client that reads nothing', () => {
  it('is closed with 1013 in a room that is told 63 MiB, holds no more than it may, and the others hear everything', async () => {
    const served = await room()
    const {app} = served
    const slow = await stopped(served)
    const other = await served.connect()
    let most = 0
    for (let n = 0; n < 1_100; n += 1) {
      app.Route.wsServer.toRoom('room', block)
      most = Math.max(most, slow.live.waiting.buffered)
      expect((await other.client.next()).payload).toHaveLength(block.length)
    }
    expect(most).toBeGreaterThan(mib - block.length - 10)
    expect(most).toBeLessThanOrEqual(mib)
    expect(await slow.closed).toEqual({code: 1013, reason: 'Reading too slowly'})
    expect(slow.Candy.ws.readyState).toBe(3)
    expect(app.Route.wsServer.clientCount).toBe(1)
    other.client.destroy()
    slow.client.destroy()
  })

  it('is told of in the log, once each: that it lags, and that it was too slow', async () => {
    const served = await room()
    const slow = await stopped(served)
    while (slow.Candy.ws.send(block)) await turn()
    await slow.closed
    const connection = slow.Candy.ws.id
    expect(events(served, 'client.lagging')).toEqual([
      {event: 'client.lagging', route: '/', connection, level: 'debug', message: 'a client reads slowly'},
    ])
    expect(events(served, 'client.slow')).toMatchObject([
      {limit: 'maxBuffered', route: '/', connection, level: 'warn'},
    ])
    slow.client.destroy()
  })

  it('is written nothing more, and what was held for it is let go at once', async () => {
    const served = await room()
    const slow = await stopped(served)
    while (slow.Candy.ws.send(block)) await turn()
    // The piece that the system had begun to take is node's until the socket is gone.
    expect(slow.live.waiting.buffered).toBeLessThan(2 * block.length)
    const {bytesOut} = slow.live.traffic
    expect(slow.Candy.ws.send('more')).toBe(false)
    await slow.closed
    expect(slow.live.traffic.bytesOut).toBe(bytesOut)
    slow.client.socket.resume()
    await slow.client.gone
    // Whole messages, and perhaps a part of one: no close frame fits behind that.
    expect(slow.client.frames.filter(({opcode}) => opcode !== 1)).toEqual([])
    slow.client.destroy()
  })

  it('loses only volatile messages, and hears the latest of a key when it reads again', async () => {
    const served = await room()
    const {Candy, client, live} = await stopped(served)
    let sent = 0
    while (live.waiting.buffered < mib / 4) {
      Candy.ws.send(block)
      sent += 1
      await turn()
    }
    for (let n = 0; n < 100; n += 1) {
      Candy.ws.to('room').send(block, {volatile: true})
      Candy.ws.to('room').send({position: n}, {latest: 'position'})
    }
    expect(live.traffic).toMatchObject({dropped: 100, replaced: 99})
    client.socket.resume()
    for (let n = 0; n < sent; n += 1) await client.next()
    expect((await client.next()).payload.toString()).toBe('{"position":99}')
    expect(Candy.ws.send('fresh', {volatile: true})).toBe(true)
    expect((await client.next()).payload.toString()).toBe('fresh')
    client.destroy()
  })
})

describe('a message that is longer than what may wait', () => {
  const tooLong = 'x'.repeat(2_000)

  it('is a RangeError wherever it is sent', async () => {
    const served = await room({limits: {maxBuffered: 2_000}})
    const {Candy, client} = await served.connect()
    const {wsServer} = served.app.Route
    const sends: Record<string, () => unknown> = {
      send: () => Candy.ws.send(tooLong),
      sendBinary: () => Candy.ws.sendBinary(Buffer.alloc(2_000)),
      volatile: () => Candy.ws.send(tooLong, {volatile: true}),
      'to().send': () => Candy.ws.to('room').send(tooLong),
      'to().sendBinary': () => Candy.ws.to('room').sendBinary(Buffer.alloc(2_000)),
      'broadcast to nobody': () => Candy.ws.broadcast(tooLong),
      toRoom: () => wsServer.toRoom('room', tooLong),
      'wsServer.broadcast': () => wsServer.broadcast(tooLong),
    }
    for (const [name, send] of Object.entries(sends)) expect(send, name).toThrow(RangeError)
    expect(() => Candy.ws.send(tooLong)).toThrow(
      'A message of 2004 bytes is longer than limits.maxBuffered, 2000: send it in parts, or raise the limit',
    )
    expect(Candy.ws.send('x'.repeat(1_996))).toBe(true)
    expect((await client.next()).payload).toHaveLength(1_996)
    client.destroy()
  })

  it('is judged by the route of those it is for, and goes to nobody if one of them could not have it', async () => {
    const served = await serve(
      {
        '/small': Candy => void Candy.ws.join('small', 'all'),
        '/large': Candy => void Candy.ws.join('large', 'all'),
      },
      {limits: {maxBuffered: 4_000}},
    )
    const {app} = served
    app.Route.ws('/larger', Candy => void Candy.ws.join('large', 'all'), {
      token: false,
      limits: {maxBuffered: 'off'},
    })
    const small = await served.connect('/small')
    const larger = await served.connect('/larger')
    app.Route.wsServer.toRoom('large', 'x'.repeat(5_000))
    expect(await larger.next()).toHaveLength(5_000)
    expect(() => app.Route.wsServer.toRoom('all', 'x'.repeat(5_000))).toThrow(RangeError)
    app.Route.wsServer.broadcast('short')
    expect([await small.next(), await larger.next()]).toEqual(['short', 'short'])
  })

  it('is `INTERNAL` to who asked for it, and a line in the log, where it is an answer', async () => {
    const served = await serve(Candy => Candy.ws.on('ask', Ask, () => tooLong), {
      limits: {maxBuffered: 2_000},
    })
    const client = await served.connect()
    client.send({type: 'ask', ref: 1, n: 1})
    expect(await client.next()).toMatchObject({type: 'error', ref: 1, code: 'INTERNAL'})
    expect(served.log.errors()).toHaveLength(1)
    expect(served.log.errors()[0]!.error).toContain('longer than limits.maxBuffered')
  })

  it('loses its details where it is an error frame, and the client keeps its connection', async () => {
    const served = await serve(Candy => Candy.ws.on('ask', Ask, ({n}) => n), {limits: {maxBuffered: 500}})
    const client = await served.connect()
    client.send({type: 'ask', ref: 1, n: 1, ['x'.repeat(600)]: 1})
    const told = await client.next()
    expect(told).toMatchObject({type: 'error', ref: 1, code: 'VALIDATION'})
    expect(told).not.toHaveProperty('details')
    client.send({type: 'ask', ref: 2, n: 2})
    expect(await client.next()).toMatchObject({ref: 2, data: 2})
  })

  it('is told where it was sent, also in a middleware', async () => {
    const thrown = signal<unknown>()
    const served = await serve(() => undefined, {
      limits: {maxBuffered: 2_000},
      route: {
        use: [
          Candy => {
            try {
              Candy.ws.send(tooLong)
            } catch (error) {
              thrown.fire(error)
            }
          },
        ],
      },
    })
    await served.connect()
    expect(await thrown.fired).toBeInstanceOf(RangeError)
  })
})

describe('sending to who has gone', () => {
  it('row 49: is refused and counted, a hundred thousand times, and takes no memory', async () => {
    const served = await room()
    const {Candy, client, live, closed} = await served.connect()
    client.destroy()
    await closed
    const message = {type: 'said', text: 'x'.repeat(100)}
    const rounds = (count: number) => {
      for (let n = 0; n < count; n += 1) if (Candy.ws.send(message)) throw new Error('accepted')
    }
    rounds(20_000)
    // Compiled code and the like take some once; what is kept of each message takes some in every round.
    const growths: number[] = []
    for (let before = memory(); growths.length < 5; before = memory()) {
      rounds(20_000)
      growths.push(memory() - before)
    }
    expect(Math.min(...growths)).toBeLessThan(mib / 5)
    expect(live.traffic.late).toBe(120_000)
    expect(live.waiting.buffered).toBe(0)
  })

  it('row 49: is refused from the moment this side closes', async () => {
    const served = await room()
    const {Candy, client, live} = await served.connect()
    Candy.ws.close(4100, 'enough')
    for (let n = 0; n < 1_000; n += 1) expect(Candy.ws.send(n)).toBe(false)
    expect(live.traffic.late).toBe(1_000)
    expect((await client.next()).opcode).toBe(8)
    client.destroy()
    await once(client.socket, 'close')
  })
})

/** In use once nothing more can be collected, buffers too. */
function memory(): number {
  gc!()
  const {heapUsed, arrayBuffers} = process.memoryUsage()
  return heapUsed + arrayBuffers
}
