import type {Candy} from 'candy-ws'
import {describe, expect, it} from 'vitest'
import {serve, signal} from '../support/serve-handlers.js'

/** What one call of `send` puts on the wire. */
async function sent(data: unknown): Promise<{accepted: boolean; received: unknown}> {
  let accepted = false
  const {connect} = await serve(Candy => {
    accepted = Candy.ws.send(data)
  })
  const received = await (await connect()).next()
  return {accepted, received}
}

describe('3. Candy.ws.send', () => {
  it.each([
    ['an object', {type: 'hi', list: [1, null]}],
    ['an array', [1, 'two']],
    ['a number', 42],
    ['a boolean', false],
    ['null', null],
  ])('sends %s as JSON text', async (_name, data) => {
    expect(await sent(data)).toEqual({accepted: true, received: data})
  })

  it('sends a string as text, not as JSON', async () => {
    expect(await sent('plain "text"')).toEqual({accepted: true, received: 'plain "text"'})
  })

  it('sends an empty string', async () => {
    expect(await sent('')).toEqual({accepted: true, received: ''})
  })

  it.each([
    ['a Buffer', Buffer.from([1, 2, 3])],
    ['a view into a larger buffer', new Uint8Array([0, 1, 2, 3, 4]).subarray(1, 4)],
    ['an ArrayBuffer', new Uint8Array([1, 2, 3]).buffer],
    ['a DataView', new DataView(new Uint8Array([1, 2, 3]).buffer)],
  ])('sends %s as a binary frame', async (_name, data) => {
    expect(await sent(data)).toEqual({accepted: true, received: Buffer.from([1, 2, 3])})
  })

  it('sends a Uint16Array as its bytes', async () => {
    const numbers = new Uint16Array([1, 65_535])
    expect(await sent(numbers)).toEqual({accepted: true, received: Buffer.from(numbers.buffer)})
  })

  const cycle: {self?: unknown} = {}
  cycle.self = cycle
  it.each([
    ['undefined', undefined],
    ['a function', () => undefined],
    ['a symbol', Symbol('s')],
    ['a BigInt', 1n],
    ['a BigInt inside', {n: 1n}],
    ['a cycle', cycle],
  ])('row 48: throws TypeError for %s where it is called', async (_name, data) => {
    const thrown: unknown[] = []
    const attempt = (call: () => unknown) => {
      try {
        call()
      } catch (error) {
        thrown.push(error)
      }
    }
    const {connect, log} = await serve(Candy => {
      attempt(() => Candy.ws.send(data))
      attempt(() => Candy.ws.to('room').send(data))
      attempt(() => Candy.ws.broadcast(data))
      attempt(() => Candy.Route.wsServer.toRoom('room', data))
      attempt(() => Candy.Route.wsServer.broadcast(data))
      Candy.ws.send('still open')
    })
    expect(await (await connect()).next()).toBe('still open')
    expect(thrown).toHaveLength(5)
    for (const error of thrown) expect(error).toBeInstanceOf(TypeError)
    expect(log.errors()).toEqual([])
  })

  it('sends in the order it was called, from the handler body at once', async () => {
    const {connect} = await serve(async Candy => {
      for (let n = 0; n < 20; n += 1) Candy.ws.send(n)
      await Promise.resolve()
      Candy.ws.send('after')
    })
    const client = await connect()
    expect(await client.take(21)).toEqual([...Array.from({length: 20}, (_, n) => n), 'after'])
  })

  it('returns false after close, by the server or by the client', async () => {
    const here = signal<Candy>()
    const {connect} = await serve(Candy => here.fire(Candy))
    const client = await connect()
    const {ws} = await here.fired
    ws.close()
    expect(ws.send('late')).toBe(false)
    expect(ws.sendBinary(Buffer.from('late'))).toBe(false)
    expect(await client.closed).toEqual({code: 1000, reason: ''})
    expect(client.pending).toEqual([])

    const there = signal<boolean>()
    const other = await serve(Candy => Candy.ws.on('close', () => there.fire(Candy.ws.send('late'))))
    await (await other.connect()).close()
    expect(await there.fired).toBe(false)
  })

  it('accepts volatile and latest', async () => {
    const {connect} = await serve(Candy => {
      Candy.ws.send(1, {volatile: true})
      Candy.ws.send(2, {latest: 'position'})
    })
    expect(await (await connect()).take(2)).toEqual([1, 2])
  })
})

describe('3. Candy.ws.sendBinary', () => {
  it('sends a binary frame', async () => {
    const {connect} = await serve(Candy => {
      Candy.ws.sendBinary(Buffer.from('bytes'))
    })
    expect(await (await connect()).next()).toEqual(Buffer.from('bytes'))
  })

  it('throws TypeError for what is not bytes', async () => {
    const {connect} = await serve(Candy => {
      try {
        Candy.ws.sendBinary('text' as never)
      } catch (error) {
        Candy.ws.send((error as Error).name)
      }
    })
    expect(await (await connect()).next()).toBe('TypeError')
  })
})
