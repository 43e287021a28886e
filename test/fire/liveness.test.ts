import type {AppOptions, Candy} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {setTimeout as delay} from 'node:timers/promises'
import {describe, expect, it, onTestFinished} from 'vitest'
import {FaultProxy} from '../support/fault-proxy.js'
import {craft, frame} from '../support/frames.js'
import {handshake, raw, type Raw} from '../support/raw.js'
import {heldBy, nothing, serve} from '../support/serve.js'

const mib = 1_024 * 1_024
const token = false
/** The defaults, a hundred times as fast. */
const quick = {
  pingInterval: 250,
  pongTimeout: 100,
  messageTimeout: 300,
  pauseDeadline: 300,
  closeTimeout: 200,
} as const

/** A hundredth of the 35 s that a dead peer has, some looks later, on a machine that others use too. */
const late = 7 * (quick.pingInterval + quick.pongTimeout)

const metricsToken = 'a token that is long enough'

type Limits = AppOptions['limits']

/** Everybody is in one room, and every close is counted. */
async function room(limits: Limits, handle: (candy: Candy) => void = () => undefined) {
  const closes: number[] = []
  const served = await serve({limits: {...quick, ...limits}, metrics: {token: metricsToken}}, app =>
    app.Route.ws(
      '/',
      candy => {
        candy.ws.join('room')
        candy.ws.on('close', code => closes.push(code))
        handle(candy)
      },
      {token},
    ),
  )
  const open = async (port = served.port): Promise<Raw> => {
    const client = await raw(port)
    await client.write(handshake('/')).head()
    return client
  }
  /** How many rooms somebody is in. */
  const rooms = async () => {
    const headers = {authorization: `Bearer ${metricsToken}`}
    const text = await (await fetch(`${served.url}/_candy/metrics`, {headers})).text()
    return Number(/^candy_rooms (\d+)$/m.exec(text)?.[1])
  }
  return {...served, closes, open, rooms}
}

function every(ms: number, run: () => void): void {
  const timer = setInterval(run, ms)
  onTestFinished(() => clearInterval(timer))
}

describe('a line that is dead', () => {
  it.each([false, true])('row 29: is noticed, also while it is written to: %s', async busy => {
    const {app, port, closes, rooms} = await room({}, ({ws}) => ws.join(ws.id))
    const line = await FaultProxy.open(port)
    await Promise.all([connect(line.url, '/', {token}), connect(line.url, '/', {token})])
    await expect.poll(() => heldBy(app).clients).toBe(2)
    const here = await connect(app, '/', {token})
    line.becomes('blackhole')
    const died = performance.now()
    if (busy) every(5, () => app.Route.wsServer.toRoom('room', 'x'.repeat(100)))
    await expect.poll(() => closes).toEqual([1006, 1006])
    expect(performance.now() - died).toBeLessThan(late)
    await expect.poll(() => heldBy(app)).toEqual({clients: 1, connections: 1, sockets: 1})
    // The one they all were in, and one that is of who is here alone.
    expect(await rooms()).toBe(2)
    await here.close()
    await expect.poll(() => closes).toHaveLength(3)
    await expect.poll(rooms).toBe(0)
  })

  it('row 29: that comes back in time has lost nothing', async () => {
    const {app, port, closes} = await room({pongTimeout: 2_000})
    const line = await FaultProxy.open(port)
    const client = await connect(line.url, '/', {token})
    await expect.poll(() => heldBy(app).clients).toBe(1)
    line.becomes('blackhole')
    for (let n = 0; n < 100; n += 1) app.Route.wsServer.toRoom('room', n)
    await delay(400)
    line.becomes('none')
    expect(await client.take(100)).toEqual(Array.from({length: 100}, (_, n) => n))
    expect(closes).toEqual([])
  })

  it('that is reset is noticed at once', async () => {
    const {app, port, closes} = await room({})
    const line = await FaultProxy.open(port)
    await connect(line.url, '/', {token})
    await expect.poll(() => heldBy(app).clients).toBe(1)
    line.reset()
    await expect.poll(() => closes).toEqual([1006])
    await expect.poll(() => heldBy(app)).toEqual(nothing)
  })
})

it(
  'row 30: a peer that reads slowly is not taken for dead, whatever waits for it',
  {timeout: 30_000},
  async () => {
    const {app, port, closes} = await room({maxBuffered: 64 * mib, pongTimeout: 2_000})
    const line = await FaultProxy.open(port)
    const client = await connect(line.url, '/', {token})
    await expect.poll(() => heldBy(app).clients).toBe(1)
    // Each ping is behind all of that, and so is each pong.
    line.becomes({trickle: 128 * 1_024, pause: 10}, 'down')
    const messages = Array.from({length: 40}, (_, n) => String.fromCodePoint(65 + n).repeat(mib))
    for (const message of messages) app.Route.wsServer.toRoom('room', message)
    const begun = performance.now()
    const heard: unknown[] = []
    while (heard.length < messages.length) heard.push(await client.next(20_000))
    // Not in one comparison, which would print all of it.
    expect(heard.every((message, n) => message === messages[n])).toBe(true)
    expect(performance.now() - begun).toBeGreaterThan(quick.pingInterval + 2_000)
    expect(closes).toEqual([])
  },
)

describe('a client that says nothing, or never ends what it says', () => {
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['half a frame', craft({payload: 'half of it'}).subarray(0, 8)],
    ['half a message', craft({fin: false, payload: 'half of it'})],
  ])('row 39: %s after the handshake, and no pong', async (_, bytes) => {
    const {app, closes, open} = await room({messageTimeout: 'off'})
    const client = await open()
    const since = performance.now()
    client.write(bytes)
    await client.closed
    expect(performance.now() - since).toBeLessThan(late)
    expect(client.frames.some(({opcode}) => opcode === 9)).toBe(true)
    await expect.poll(() => heldBy(app)).toEqual(nothing)
    expect(closes).toEqual([1006])
  })

  it('row 39: fragments and pongs for ever', async () => {
    const {app, closes, open, log} = await room({})
    const client = await open()
    const since = performance.now()
    client.write(craft({fin: false, payload: 'a'}))
    every(10, () => {
      if (client.socket.writable)
        client.write(Buffer.concat([craft({fin: false, opcode: 0, payload: 'a'}), frame('', 10)]))
    })
    expect(await client.closeFrame()).toEqual({code: 1008, reason: 'Message incomplete'})
    expect(performance.now() - since).toBeGreaterThan(quick.messageTimeout - 50)
    expect(performance.now() - since).toBeLessThan(late)
    await client.closed
    await expect.poll(() => heldBy(app)).toEqual(nothing)
    expect(closes).toHaveLength(1)
    expect(log.lines).toContainEqual(expect.objectContaining({event: 'message.incomplete'}))
  })
})
