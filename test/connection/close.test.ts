import {type Candy} from 'candy-ws'
import {describe, expect, it} from 'vitest'
import {closeFrame, frame, rawClient} from '../support/frames.js'
import {serve, signal} from '../support/serve-handlers.js'

/** What a client sees when the handler runs `Candy.ws.close(...)`. */
async function closedWith(...args: [code?: number, reason?: string]) {
  const {connect} = await serve(Candy => {
    Candy.ws.close(...args)
  })
  return (await connect()).closed
}

describe('3. Candy.ws.close', () => {
  it('closes with 1000 and no reason by default', async () => {
    expect(await closedWith()).toEqual({code: 1000, reason: ''})
  })

  it.each([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999])(
    'closes with %i',
    async code => {
      expect(await closedWith(code, 'why')).toEqual({code, reason: 'why'})
    },
  )

  it.each([0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, NaN, 1000.5, '4001', null, {}])(
    'row 47: throws TypeError for %s where it is called, and stays open',
    async code => {
      const {connect} = await serve(Candy => {
        try {
          Candy.ws.close(code as number)
        } catch (error) {
          Candy.ws.send((error as Error).name)
        }
        Candy.ws.on('message', () => Candy.ws.send('open'))
      })
      const client = await connect()
      expect(await client.next()).toBe('TypeError')
      client.send('ask')
      expect(await client.next()).toBe('open')
    },
  )

  it.each([
    ['123 bytes, kept', 'x'.repeat(123), 'x'.repeat(123)],
    ['124 bytes', 'x'.repeat(124), 'x'.repeat(123)],
    ['62 times two bytes', 'é'.repeat(62), 'é'.repeat(61)],
    ['a code point of four bytes at the cut', 'x'.repeat(121) + '😀', 'x'.repeat(121)],
    ['a code point of four bytes before the cut', 'x'.repeat(119) + '😀y', 'x'.repeat(119) + '😀'],
    ['a very long one', '😀'.repeat(10_000), '😀'.repeat(30)],
  ])('row 47: cuts a reason at 123 bytes on a code point: %s', async (_name, reason, seen) => {
    expect(await closedWith(4000, reason)).toEqual({code: 4000, reason: seen})
  })

  it('takes the first of several calls', async () => {
    const {connect} = await serve(Candy => {
      Candy.ws.close(4100, 'first')
      Candy.ws.close(4200, 'second')
    })
    expect(await (await connect()).closed).toEqual({code: 4100, reason: 'first'})
  })
})

describe('3. Candy.ws.ping, id, data, readyState', () => {
  it('pings, and hears the pong and the pings of the client', async () => {
    const heard = signal<string>()
    const {url} = await serve(Candy => {
      Candy.ws.on('ping', data => heard.fire(data.toString()))
      Candy.ws.on('pong', data => Candy.ws.send(`pong ${data.toString()}`))
      Candy.ws.ping()
    })
    const client = (await rawClient(url)).open('/')
    expect((await client.next()).opcode).toBe(9)
    client.write(frame('answer', 10), frame('hello', 9))
    expect((await client.next()).payload.toString()).toBe('pong answer')
    expect(await heard.fired).toBe('hello')
    expect(await client.next()).toMatchObject({opcode: 10})
    client.destroy()
  })

  it('has an id of its own, by which wsServer knows it', async () => {
    const {connect, app} = await serve(Candy => {
      Candy.ws.send(Candy.ws.id)
    })
    const ids = await Promise.all([1, 2, 3].map(async () => (await connect()).next<string>()))
    expect(new Set(ids).size).toBe(3)
    for (const id of ids) expect(app.Route.wsServer.clients.get(id)?.id).toBe(id)
  })

  it('keeps data per connection', async () => {
    const {connect} = await serve(Candy => {
      Candy.ws.data.count = 0
      Candy.ws.on('message', () => {
        Candy.ws.data.count = (Candy.ws.data.count as number) + 1
        Candy.ws.send(Candy.ws.data)
      })
    })
    const [a, b] = [await connect(), await connect()]
    a.send('x')
    a.send('x')
    b.send('x')
    expect(await a.take(2)).toEqual([{count: 1}, {count: 2}])
    expect(await b.next()).toEqual({count: 1})
  })

  it('has the readyState of a WebSocket: connecting in a middleware, then open, closing, closed', async () => {
    const states: number[] = []
    const ended = signal()
    const middleware = (Candy: Candy) => void states.push(Candy.ws.readyState)
    const {connect} = await serve(
      Candy => {
        states.push(Candy.ws.readyState)
        Candy.ws.on('close', () => {
          states.push(Candy.ws.readyState)
          ended.fire()
        })
        Candy.ws.close()
        states.push(Candy.ws.readyState)
      },
      {route: {use: [middleware]}},
    )
    await (
      await connect()
    ).closed
    await ended.fired
    expect(states).toEqual([0, 1, 2, 3])
  })
})

describe('2. After the server decided to close', () => {
  it('no message reaches a handler, and the socket is gone within 2.5 s, whatever the client does', async () => {
    const heard: unknown[] = []
    const ended = signal<number>()
    const {url, app} = await serve(Candy => {
      Candy.ws.on('message', data => {
        heard.push(data)
        Candy.ws.close(4001, 'enough')
      })
      Candy.ws.on('close', ended.fire)
    })
    const client = (await rawClient(url)).open('/', {frames: [frame('first'), frame('same packet')]})
    const closing = await client.next()
    expect(closing).toMatchObject({opcode: 8})
    expect(closing.payload.readUInt16BE()).toBe(4001)
    const start = performance.now()
    const noise = setInterval(() => client.write(frame('noise'), frame('ping', 9)), 20)
    await Promise.all([client.gone, ended.fired])
    clearInterval(noise)
    expect(performance.now() - start).toBeLessThan(2_500)
    expect(heard).toEqual(['first'])
    expect(app.Route.wsServer.clientCount).toBe(0)
    client.destroy()
  })

  it('is gone within 2.5 s when the client had paused it with a backlog and stops reading', async () => {
    const {url} = await serve(async Candy => {
      for (let n = 0; n < 200; n += 1) Candy.ws.send('x'.repeat(60_000))
      Candy.ws.close(4001)
      ended.fire(new Promise(resolve => Candy.ws.on('close', resolve)))
      await Promise.resolve()
    })
    const ended = signal<Promise<number>>()
    const client = await rawClient(url)
    client.socket.pause()
    client.open('/')
    const start = performance.now()
    await ended.fired
    expect(performance.now() - start).toBeLessThan(2_500)
    client.destroy()
  })

  it('still handles nothing of what was held while the connect handler ran', async () => {
    const heard: unknown[] = []
    const {url} = await serve(async Candy => {
      await new Promise(resolve => setTimeout(resolve, 50))
      Candy.ws.on('message', data => heard.push(data))
      Candy.ws.close(4000)
    })
    const client = (await rawClient(url)).open('/', {frames: [frame('held'), frame('too')]})
    expect(await client.next()).toMatchObject({opcode: 8})
    client.write(closeFrame(4000))
    await client.gone
    expect(heard).toEqual([])
    client.destroy()
  })
})
