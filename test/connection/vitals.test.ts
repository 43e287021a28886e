import type {Candy, RouteOptions} from 'candy-ws'
import {setTimeout as delay} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {frames, numbers} from '../support/late.js'
import {closeFrame, frame, rawClient, type RawClient} from '../support/frames.js'
import {serve, signal, until} from '../support/serve-handlers.js'

type Given = NonNullable<RouteOptions<Candy>['limits']>

/** A connection under these limits: what its client sees, and what is heard and logged of it. */
async function connected(limits: Given, handler: (Candy: Candy) => unknown = () => undefined) {
  const ended = signal<[number, string]>()
  let ends = 0
  const {url, log, app} = await serve(
    Candy => {
      Candy.ws.on('close', (code, reason) => {
        ends += 1
        ended.fire([code, reason])
      })
      return handler(Candy)
    },
    {limits},
  )
  const client = (await rawClient(url)).open('/')
  await client.head
  const exceeded = () => log.lines.flatMap(({limit, event, level}) => (limit ? [{limit, event, level}] : []))
  return {client, ended: ended.fired, ends: () => ends, exceeded, app}
}

/** The next close frame, whatever comes before it. */
async function closed(client: RawClient): Promise<[number, string]> {
  for (;;) {
    const {opcode, payload} = await client.next()
    if (opcode === 8) return [payload.readUInt16BE(), payload.toString('utf8', 2)]
  }
}

describe('a peer that gives no sign of life', () => {
  it('is cut when a ping was not answered: close says 1006, once', async () => {
    const {client, ended, ends, exceeded, app} = await connected({pingInterval: 200, pongTimeout: 200})
    expect((await client.next()).opcode).toBe(9)
    await client.gone
    expect(await ended).toEqual([1006, ''])
    expect(exceeded()).toEqual([{limit: 'pongTimeout', event: 'peer.dead', level: 'debug'}])
    expect(ends()).toBe(1)
    expect(app.Route.wsServer.clientCount).toBe(0)
    client.destroy()
  })

  it('is cut though it is written to: what the system takes for it is no sign', async () => {
    const {client, ended} = await connected({pingInterval: 200, pongTimeout: 200}, Candy => {
      Candy.setInterval(() => Candy.ws.send('news'), 20)
    })
    expect(await ended).toEqual([1006, ''])
    client.destroy()
  })

  it('is cut in the middle of a frame, and of a message', async () => {
    for (const begun of [frame('half').subarray(0, 4), Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x61])]) {
      const {client, ended} = await connected({pingInterval: 200, pongTimeout: 200})
      client.write(begun)
      expect(await ended).toEqual([1006, ''])
      client.destroy()
    }
  })

  it('is cut with a backlog that does not shrink', async () => {
    const {client, ended} = await connected(
      {pingInterval: 200, pongTimeout: 300, maxBuffered: 'off'},
      Candy => {
        Candy.ws.on('message', () => {
          for (let n = 0; n < 20; n += 1) Candy.ws.send(Buffer.alloc(1_000_000))
        })
      },
    )
    client.socket.pause()
    client.write(frame('all of it'))
    expect(await ended).toEqual([1006, ''])
    client.destroy()
  })
})

describe('a peer that is alive', () => {
  const limits = {pingInterval: 150, pongTimeout: 150} as const

  it('is pinged again and again, and its answers are nobody else’s', async () => {
    const heard: string[] = []
    const {client, ends} = await connected(limits, Candy => {
      Candy.ws.on('pong', data => heard.push(data.toString()))
    })
    for (const _ of numbers(4)) {
      const {opcode, payload} = await client.next()
      expect(opcode).toBe(9)
      client.write(frame(payload, 10))
    }
    client.write(frame('of my own', 10))
    await until(() => heard.length > 0)
    expect(heard).toEqual(['of my own'])
    expect(ends()).toBe(0)
    client.destroy()
  })

  it('lives by any byte, be it of half a frame', async () => {
    const {client, ends} = await connected(limits)
    const bytes = frame('x'.repeat(100))
    for (let at = 0; at < 40; at += 1) {
      client.write(bytes.subarray(at, at + 1))
      await delay(40)
    }
    expect(ends()).toBe(0)
    client.destroy()
  })

  it('lives by what it reads, however slowly, behind a backlog of megabytes', async () => {
    const {client, ends} = await connected(
      {pingInterval: 300, pongTimeout: 1_500, maxBuffered: 'off'},
      Candy => {
        Candy.ws.on('message', () => {
          for (let n = 0; n < 24; n += 1) Candy.ws.send(Buffer.alloc(1_000_000))
        })
      },
    )
    client.socket.pause()
    client.write(frame('all of it'))
    for (const _ of numbers(40)) {
      await delay(100)
      client.socket.read(400_000)
    }
    expect(ends()).toBe(0)
    client.destroy()
  }, 15_000)
})

describe('reading that is paused', () => {
  const limits = {maxPending: 4, pingInterval: 100, pongTimeout: 100, pauseDeadline: 800} as const

  /** A connection whose handlers hang until they are let go. */
  async function stuck(more: Given = {}) {
    const {fired, fire} = signal()
    const started = performance.now()
    const parts = await connected({...limits, ...more}, Candy => {
      Candy.ws.on('message', () => fired)
    })
    parts.client.write(...frames(20))
    return {...parts, letGo: fire, took: () => performance.now() - started}
  }

  it('has nobody taken for dead, and ends after the deadline: 1013, and it is said once that it paused', async () => {
    const {client, ended, exceeded, letGo, took} = await stuck()
    expect(await closed(client)).toEqual([1013, 'Handlers are stuck'])
    await client.gone
    expect(took()).toBeGreaterThan(800)
    letGo()
    expect(await ended).toEqual([1013, 'Handlers are stuck'])
    expect(exceeded()).toEqual([
      {limit: 'maxPending', event: 'input.paused', level: 'debug'},
      {limit: 'pauseDeadline', event: 'input.stuck', level: 'warn'},
    ])
    client.destroy()
  })

  it.each([
    ['as long', 800],
    ['shorter', 200],
  ])(
    'ends after the deadline, where each handler has its timeout, which is %s',
    async (_, handlerTimeout) => {
      const {client, exceeded} = await stuck({handlerTimeout})
      expect(await closed(client)).toEqual([1013, 'Handlers are stuck'])
      // Those that made way did not put it off: with 20 messages they could for long.
      const timeouts = exceeded().filter(({limit}) => limit === 'handlerTimeout').length
      expect(timeouts).toBeGreaterThanOrEqual(1)
      expect(timeouts).toBeLessThanOrEqual(6)
      client.destroy()
    },
  )

  it.each([
    ['FIN', (client: RawClient) => client.fin()],
    ['reset', (client: RawClient) => client.reset()],
  ])('lets go at the deadline of a peer that has left with a %s', async (_name, leave) => {
    const {client, app, ended, exceeded, letGo} = await stuck()
    await until(() => exceeded().length > 0)
    // A byte unread hides what comes behind it.
    client.write(...frames(20))
    leave(client)
    await until(() => app.Route.wsServer.clientCount === 0, 5_000)
    letGo()
    await ended
    client.destroy()
  })

  it('closes nobody while handlers are slow, but one message after the other has its turn', async () => {
    const heard: unknown[] = []
    const {client, ends} = await connected({...limits, pauseDeadline: 400, pongTimeout: 'off'}, Candy => {
      Candy.ws.on('message', async data => {
        await delay(120)
        heard.push(data)
      })
    })
    client.write(...frames(12))
    await until(() => heard.length === 12, 5_000)
    expect(ends()).toBe(0)
    client.destroy()
  })

  it('is said by bytes, too', async () => {
    const {fired, fire} = signal()
    const {client, exceeded} = await connected({maxPendingBytes: 1_000}, Candy => {
      Candy.ws.on('message', () => fired)
    })
    client.write(...numbers(5).map(() => frame('x'.repeat(400))))
    await until(() => exceeded().length > 0)
    expect(exceeded()).toEqual([{limit: 'maxPendingBytes', event: 'input.paused', level: 'debug'}])
    fire()
    client.destroy()
  })
})

describe('a message that is never whole', () => {
  const limits = {messageTimeout: 400} as const

  it.each([
    ['half a frame', [frame('half').subarray(0, 5)]],
    ['one byte of a frame', [frame('half').subarray(0, 1)]],
    ['a fragment', [Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x61])]],
  ])('ends the connection with 1008: %s', async (_name, begun) => {
    const {client, exceeded} = await connected(limits)
    client.write(...begun)
    expect(await closed(client)).toEqual([1008, 'Message incomplete'])
    expect(exceeded()).toEqual([{limit: 'messageTimeout', event: 'message.incomplete', level: 'warn'}])
    client.destroy()
  })

  it('ends it though fragments and pongs go on coming', async () => {
    const {client} = await connected(limits)
    client.write(Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x61]))
    const more = setInterval(
      () => client.write(Buffer.from([0x00, 0x81, 0, 0, 0, 0, 0x61]), frame('', 10)),
      50,
    )
    expect(await closed(client)).toEqual([1008, 'Message incomplete'])
    clearInterval(more)
    client.destroy()
  })

  it('is not taken for one that is always under way, as the next has begun when the last is whole', async () => {
    const heard: unknown[] = []
    const {client, ends} = await connected(limits, Candy => {
      Candy.ws.on('message', data => heard.push(data))
    })
    const bytes = frame('whole')
    client.write(bytes.subarray(0, 4))
    for (const _ of numbers(12)) {
      await delay(100)
      client.write(Buffer.concat([bytes.subarray(4), bytes.subarray(0, 4)]))
    }
    await until(() => heard.length === 12)
    expect(ends()).toBe(0)
    client.destroy()
  })
})

describe('a connection that has lasted', () => {
  it('is closed with 1012, at a time of its own', async () => {
    const started = performance.now()
    const lived: number[] = []
    const {url, log} = await serve(() => undefined, {limits: {maxLifetime: 1_500}})
    await Promise.all(
      numbers(20).map(async () => {
        const client = (await rawClient(url)).open('/')
        expect(await closed(client)).toEqual([1012, 'Connection recycled'])
        lived.push(performance.now() - started)
        client.write(closeFrame(1012))
        client.destroy()
      }),
    )
    expect(Math.min(...lived)).toBeGreaterThan(1_340)
    expect(Math.max(...lived) - Math.min(...lived)).toBeGreaterThan(90)
    expect(log.lines.filter(({event}) => event === 'conn.recycled')).toHaveLength(20)
  })
})

describe('a close that the peer', () => {
  const forced = [{limit: 'closeTimeout', event: 'close.forced', level: 'debug'}]

  it('does not answer is forced', async () => {
    const {client, ended, exceeded} = await connected({closeTimeout: 200}, Candy => Candy.ws.close(4000))
    await ended
    expect(exceeded()).toEqual(forced)
    client.destroy()
  })

  it('answers is not', async () => {
    const {client, ended, exceeded} = await connected({closeTimeout: 1_000}, Candy => Candy.ws.close(4000))
    await closed(client)
    client.write(closeFrame(4000))
    client.fin()
    expect(await ended).toEqual([4000, ''])
    expect(exceeded()).toEqual([])
    client.destroy()
  })

  it('began, and does not end, is forced', async () => {
    const {client, ended, exceeded} = await connected({closeTimeout: 200})
    client.write(closeFrame(1000))
    expect(await ended).toEqual([1000, ''])
    expect(exceeded()).toEqual(forced)
    client.destroy()
  })

  it('began with a FIN while it reads nothing of what waits for it, is forced', async () => {
    const {client, ended, exceeded} = await connected({closeTimeout: 300, maxBuffered: 'off'}, Candy => {
      Candy.ws.on('message', () => {
        for (let n = 0; n < 20; n += 1) Candy.ws.send(Buffer.alloc(1_000_000))
      })
    })
    client.socket.pause()
    client.write(frame('all of it'))
    client.fin()
    await ended
    expect(exceeded()).toEqual(forced)
    client.destroy()
  })
})

describe('a message that `ws` refuses', () => {
  const fragment = Buffer.from([0x00, 0x81, 0, 0, 0, 0, 0x61])
  const first = Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x61])

  it('as too large is told as such', async () => {
    const {client, exceeded} = await connected({maxPayload: 100})
    client.write(frame('x'.repeat(101)))
    expect(await closed(client)).toEqual([1009, ''])
    expect(exceeded()).toEqual([{limit: 'maxPayload', event: 'message.too_large', level: 'warn'}])
    client.destroy()
  })

  it('for its fragments is told as such', async () => {
    const {client, exceeded} = await connected({maxFragments: 3})
    client.write(first, fragment, fragment, fragment)
    expect(await closed(client)).toEqual([1008, ''])
    expect(exceeded()).toEqual([{limit: 'maxFragments', event: 'frame.parts', level: 'warn'}])
    client.destroy()
  })

  it('for its pieces is told as such', async () => {
    const {client, exceeded} = await connected({maxBufferedChunks: 4})
    const bytes = frame('x'.repeat(1_000))
    const ends = closed(client)
    client.socket.setNoDelay(true)
    for (let at = 0; at < 100 && exceeded().length === 0; at += 1) {
      client.write(bytes.subarray(at, at + 1))
      await delay(5)
    }
    expect(await ends).toEqual([1008, ''])
    expect(exceeded()).toEqual([{limit: 'maxBufferedChunks', event: 'frame.parts', level: 'warn'}])
    client.destroy()
  })
})
