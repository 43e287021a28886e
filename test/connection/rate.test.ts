import type {Candy} from 'candy-ws'
import * as fc from 'fast-check'
import {defaultLimits} from '#candy/limits.js'
import {paceOf, Rate, type Clock} from '#candy/connection/rate.js'
import {describe, expect, it} from 'vitest'
import {frames, numbers} from '../support/late.js'
import {frame, rawClient, type RawClient} from '../support/frames.js'
import {serve, signal, until, type ServeOptions} from '../support/serve-handlers.js'

/** A clock that stands still until it is told the time. */
class Time implements Clock {
  now = 1_000_000
  away = 0
  refresh(): number {
    return this.now
  }
}

const rateOf = (limits: Partial<typeof defaultLimits>) => new Rate(paceOf({...defaultLimits, ...limits}))

describe('the rate of a connection', () => {
  it('takes twice as many at once as in a second, and then as many as time gives', () => {
    const [rate, time] = [rateOf({messageRate: 10}), new Time()]
    const taken = () => {
      let count = 0
      while (!rate.spend(1, time)) count += 1
      return count
    }
    expect(taken()).toBe(20)
    const again = rateOf({messageRate: 10})
    for (const _ of numbers(20)) expect(again.spend(1, time)).toBeUndefined()
    time.now += 99
    expect(again.spend(1, time)).toBe('messageRate')
  })

  it('does not save up: an hour of silence gives no more than the burst', () => {
    const [rate, time] = [rateOf({messageRate: 10}), new Time()]
    rate.spend(1, time)
    time.now += 3_600_000
    for (const _ of numbers(20)) expect(rate.spend(1, time)).toBeUndefined()
    expect(rate.spend(1, time)).toBe('messageRate')
  })

  it('counts bytes by themselves', () => {
    const [rate, time] = [rateOf({byteRate: 1_000, maxPayload: 1_000}), new Time()]
    expect(rate.spend(1_000, time)).toBeUndefined()
    expect(rate.spend(1_000, time)).toBeUndefined()
    expect(rate.spend(1, time)).toBe('byteRate')
  })

  it.each([50_000, 'off'] as const)('takes one message of the largest size at once: %s', maxPayload => {
    const [rate, time] = [rateOf({byteRate: 1_000, maxPayload}), new Time()]
    expect(rate.spend(50_000, time)).toBeUndefined()
    expect(rate.spend(1, time)).toBe('byteRate')
  })

  it("has no bound with 'off'", () => {
    const [rate, time] = [rateOf({messageRate: 'off', byteRate: 'off'} as never), new Time()]
    for (const _ of numbers(10_000)) expect(rate.spend(60_000, time)).toBeUndefined()
  })

  it('never refuses who keeps to it, however late and in what heaps it is read', () => {
    const times = fc.array(fc.integer({min: 0, max: 3_000}), {minLength: 1, maxLength: 60})
    fc.assert(
      fc.property(
        times,
        fc.array(fc.nat({max: 20_000}), {maxLength: 10}),
        fc.boolean(),
        (gaps, waits, byClock) => {
          const [rate, time] = [rateOf({messageRate: 5}), new Time()]
          // When each message is sent: as fast as the rate allows, or slower.
          let [at, paid] = [time.now, 0]
          const sent = gaps.flatMap(gap => {
            at += gap
            const messages = []
            for (paid = Math.max(paid, at - 2_000); paid + 200 <= at; paid += 200) messages.push(at)
            return messages
          })
          let from = time.now
          for (const wait of [...waits, ...numbers(10).map(() => 20_000)]) {
            // Nobody reads for so long, and then everything that was sent meanwhile is read at once.
            time.now += wait
            if (byClock) time.away += wait
            else rate.allow(from, time.now)
            for (const when of sent)
              if (when >= from && when < time.now) expect(rate.spend(1, time)).toBeUndefined()
            from = time.now
          }
        },
      ),
    )
  })
})

describe('the credit for not being read', () => {
  /** How many messages a client has taken, all at once. */
  const takenBy = (rate: Rate, time: Time) => {
    let count = 0
    while (!rate.spend(1, time)) count += 1
    return count
  }

  it('is used up by reading for as long, and does not pile up pause by pause', () => {
    const [rate, time] = [rateOf({messageRate: 100}), new Time()]
    for (const _ of numbers(1_000)) {
      const from = time.now
      time.now += 800
      rate.allow(from, time.now)
      expect(rate.spend(1, time)).toBeUndefined()
      time.now += 800
    }
    expect(takenBy(rate, time)).toBe(200)
  })

  it('is no more than half a minute, however long a client is hardly read', () => {
    const [rate, time] = [rateOf({messageRate: 100}), new Time()]
    for (const _ of numbers(1_000)) {
      const from = time.now
      time.now += 1_600
      rate.allow(from, time.now)
      expect(rate.spend(1, time)).toBeUndefined()
    }
    expect(takenBy(rate, time)).toBeLessThanOrEqual(3_200)
  })

  it('is given for the handshake, and used up as well', () => {
    const time = new Time()
    const made = () => new Rate(paceOf({...defaultLimits, messageRate: 100}), 5_000, time.now)
    expect(takenBy(made(), time)).toBe(700)
    const later = made()
    time.now += 3_000
    expect(takenBy(later, time)).toBe(400)
  })
})

/** What a client that says everything at once is left with. */
async function flood(client: RawClient, sent: readonly Buffer[]): Promise<{code: number; reason: string}> {
  client.write(...sent)
  for (;;) {
    const {opcode, payload} = await client.next()
    if (opcode === 8) return {code: payload.readUInt16BE(), reason: payload.toString('utf8', 2)}
  }
}

async function counting(options: ServeOptions = {}) {
  const heard: unknown[] = []
  const ended = signal<[number, string]>()
  const {url, log, app} = await serve((Candy: Candy) => {
    Candy.ws.on('message', data => heard.push(data))
    Candy.ws.on('ping', data => heard.push(data))
    Candy.ws.on('close', (code, reason) => ended.fire([code, reason]))
  }, options)
  const lines = () => log.lines.filter(({event}) => event === 'rate.exceeded')
  return {heard, ended: ended.fired, url, lines, app}
}

const tooFast = {code: 1008, reason: 'Too many messages'}

describe('a client that sends too fast', () => {
  it('has 200 messages heard, is told 1008, and is gone at once; the log says it once', async () => {
    const {heard, ended, url, lines, app} = await counting()
    const client = (await rawClient(url)).open('/')
    await client.head
    expect(await flood(client, frames(5_000))).toEqual(tooFast)
    await client.gone
    expect(await ended).toEqual([1008, 'Too many messages'])
    expect(heard.length).toBeGreaterThanOrEqual(200)
    // As much more as the time gave in which they were read.
    expect(heard.length).toBeLessThan(1_000)
    expect(heard).toEqual(numbers(heard.length))
    expect(lines()).toMatchObject([{level: 'warn', limit: 'messageRate', route: '/'}])
    expect(app.Route.wsServer.clientCount).toBe(0)
    client.destroy()
  })

  it('is cut for bytes as for messages', async () => {
    const {heard, url, lines} = await counting({limits: {byteRate: 10_000, maxPayload: 10_000}})
    const client = (await rawClient(url)).open('/')
    await client.head
    const sent = numbers(20).map(() => frame('x'.repeat(5_000)))
    expect(await flood(client, sent)).toEqual(tooFast)
    expect(heard.length).toBeLessThan(10)
    expect(lines()).toMatchObject([{limit: 'byteRate'}])
    client.destroy()
  })

  it.each([
    ['pings', 9],
    ['pongs', 10],
  ])('is cut for %s as for messages', async (_name, opcode) => {
    const {url, ended} = await counting({limits: {messageRate: 10}})
    const client = (await rawClient(url)).open('/')
    await client.head
    expect(
      await flood(
        client,
        numbers(50).map(() => frame('!', opcode)),
      ),
    ).toEqual(tooFast)
    await ended
    client.destroy()
  })

  it('may send what it likes, where the limits say so', async () => {
    const {url, heard} = await counting({limits: {messageRate: 'off', byteRate: 'off'}})
    const client = (await rawClient(url)).open('/')
    client.write(...frames(5_000))
    await until(() => heard.length === 5_000)
    client.destroy()
  })
})

describe('a client that was made to wait', () => {
  const limits = {messageRate: 50, maxPending: 10} as const

  it('by the handshake, may have sent as much more meanwhile', async () => {
    const waits = async () => new Promise<void>(resolve => setTimeout(resolve, 1_500))
    const {url, heard} = await counting({limits, route: {use: [waits]}})
    const client = (await rawClient(url)).open('/', {frames: frames(170)})
    await until(() => heard.length === 170, 5_000)
    client.destroy()
  })

  it('by handlers while reading was paused, may have sent as much more meanwhile', async () => {
    const heard: unknown[] = []
    const [began, letGo] = [signal(), signal()]
    const {url} = await serve(
      Candy => {
        Candy.ws.on('message', async data => {
          heard.push(data)
          began.fire()
          await letGo.fired
        })
      },
      {limits},
    )
    const client = (await rawClient(url)).open('/', {frames: frames(50)})
    await began.fired
    // In time with the rate: no more than 50 a second.
    for (const n of numbers(30)) {
      client.write(...frames(5).map(() => frame(String(n))))
      await new Promise<void>(resolve => setTimeout(resolve, 100))
    }
    letGo.fire()
    await until(() => heard.length === 200, 5_000)
    client.destroy()
  })
})
