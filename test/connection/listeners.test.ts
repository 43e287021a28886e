import type {WsClient} from 'candy-ws'
import {CandyError} from 'candy-ws'
import {describe, expect, it} from 'vitest'
import {serve, signal} from '../support/serve-handlers.js'

const broken: [string, () => unknown][] = [
  [
    'throws',
    () => {
      throw new Error('boom')
    },
  ],
  ['rejects', () => Promise.reject(new Error('boom'))],
  [
    'throws null',
    () => {
      throw null
    },
  ],
  ['rejects with undefined', () => Promise.reject()],
]

describe('3. Candy.ws.on, off and once', () => {
  it.each([
    ['a JSON object', '{"a":1}', {a: 1}],
    ['a JSON number', '7', 7],
    ['JSON null', 'null', null],
    ['text that is not JSON', '{oops', '{oops'],
    ['empty text', '', ''],
    ['bytes', Buffer.from('{"a":1}'), Buffer.from('{"a":1}')],
  ])('hears %s', async (_name, data, heard) => {
    const message = signal<unknown>()
    const {connect} = await serve(Candy => Candy.ws.on('message', message.fire))
    const client = await connect()
    client.send(data)
    const got = await message.fired
    expect(got).toEqual(heard)
    expect(Buffer.isBuffer(got)).toBe(Buffer.isBuffer(heard))
  })

  it('runs listeners in the order they were added, once each, until off', async () => {
    const {connect} = await serve(Candy => {
      const second = () => Candy.ws.send('second')
      Candy.ws.on('message', () => Candy.ws.send('first'))
      Candy.ws.on('message', second)
      Candy.ws.on('message', data => {
        if (data === 'off') Candy.ws.off('message', second)
        Candy.ws.send('end')
      })
    })
    const client = await connect()
    client.send('off')
    expect(await client.take(3)).toEqual(['first', 'second', 'end'])
    client.send('again')
    expect(await client.take(2)).toEqual(['first', 'end'])
  })

  it('runs a once listener for the next event only, also when it throws', async () => {
    const {connect, log} = await serve(Candy => {
      Candy.ws.once('message', () => {
        Candy.ws.send('once')
        throw new Error('boom')
      })
      Candy.ws.on('message', () => Candy.ws.send('each'))
    })
    const client = await connect()
    client.send(1)
    client.send(2)
    expect(await client.take(3)).toEqual(['once', 'each', 'each'])
    expect(log.errors()).toHaveLength(1)
  })

  it('takes a once listener off before it ran', async () => {
    const {connect} = await serve(Candy => {
      const never = () => Candy.ws.send('never')
      Candy.ws.once('message', never)
      Candy.ws.off('message', never)
      Candy.ws.on('message', () => Candy.ws.send('end'))
    })
    const client = await connect()
    client.send(1)
    expect(await client.next()).toBe('end')
  })

  it('throws TypeError for an event there is not, and for what is no function', async () => {
    const {connect} = await serve(({ws}) => {
      const names = [
        () => ws.on('open' as never, (() => undefined) as never),
        () => ws.on('message', undefined as never),
        () => ws.once('messages' as never, (() => undefined) as never),
      ].map(call => {
        try {
          return call()
        } catch (error) {
          return (error as Error).name
        }
      })
      ws.send(names)
    })
    expect(await (await connect()).next()).toEqual(['TypeError', 'TypeError', 'TypeError'])
  })

  it('hears close with code and reason', async () => {
    const close = signal<[number, string]>()
    const {connect} = await serve(Candy => Candy.ws.on('close', (code, reason) => close.fire([code, reason])))
    await (await connect()).close(4321, 'done here')
    expect(await close.fired).toEqual([4321, 'done here'])
  })

  it('hears 1006 when the client drops the connection', async () => {
    const close = signal<number>()
    const {connect} = await serve(Candy => Candy.ws.on('close', close.fire))
    await (await connect()).terminate()
    expect(await close.fired).toBe(1006)
  })
})

describe('3. A throw or rejection in a listener', () => {
  it.each(broken)('goes to the error listeners when it %s, and is not logged', async (_name, fail) => {
    const failures: unknown[] = []
    let runs = 0
    const {connect, log} = await serve(Candy => {
      Candy.ws.on('error', error => failures.push(error))
      Candy.ws.on('message', data => {
        if (data !== 'fail') return Candy.ws.send('open')
        runs += 1
        return fail()
      })
    })
    const client = await connect()
    client.send('fail')
    client.send('ask')
    expect(await client.next()).toBe('open')
    expect({runs, failures: failures.length, logged: log.errors().length}).toEqual({
      runs: 1,
      failures: 1,
      logged: 0,
    })
  })

  it.each(broken)('is logged in one line when it %s and nobody listens', async (_name, fail) => {
    let runs = 0
    const {connect, log} = await serve(Candy => {
      Candy.ws.on('message', data => {
        if (data !== 'fail') return Candy.ws.send('open')
        runs += 1
        return fail()
      })
    })
    const client = await connect()
    const other = await connect()
    client.send('fail')
    client.send('ask')
    expect(await client.next()).toBe('open')
    other.send('ask')
    expect(await other.next()).toBe('open')
    expect(runs).toBe(1)
    expect(log.errors()).toHaveLength(1)
    expect(log.errors()[0]).toMatchObject({route: '/', connection: expect.any(String) as string})
  })

  it.each(broken)(
    'of a close listener that %s leaves the others and the clean-up alone',
    async (_name, fail) => {
      const second = signal()
      const {connect, log, app} = await serve(Candy => {
        Candy.ws.join('room')
        Candy.ws.on('close', fail)
        Candy.ws.on('close', () => second.fire())
      })
      await (await connect()).close()
      await second.fired
      await app.close()
      expect(log.errors()).toHaveLength(1)
    },
  )

  it('of an error listener goes to the log, once', async () => {
    const {connect, log} = await serve(Candy => {
      Candy.ws.on('error', () => {
        throw new Error('worse')
      })
      Candy.ws.on('message', data => {
        if (data === 'fail') throw new Error('boom')
        Candy.ws.send('open')
      })
    })
    const client = await connect()
    client.send('fail')
    client.send('ask')
    expect(await client.next()).toBe('open')
    expect(log.errors().map(line => line.error)).toEqual(['Error: worse'])
  })

  it('of a ping or pong listener is logged, and the connection stays', async () => {
    const {connect, log} = await serve(Candy => {
      Candy.ws.on('pong', () => {
        throw new Error('pong')
      })
      Candy.ws.on('message', () => Candy.ws.send('open'))
      Candy.ws.ping()
    })
    const client = await connect()
    client.send('ask')
    expect(await client.next()).toBe('open')
    expect(log.errors().map(line => line.error)).toEqual(['Error: pong'])
  })

  it('sends a CandyError to the client, neither logged nor given to error listeners', async () => {
    const failures: unknown[] = []
    const {connect, log} = await serve(({ws}: {ws: WsClient}) => {
      ws.on('error', error => failures.push(error))
      ws.on('message', () => {
        throw new CandyError('ROOM_FULL', 'No seat', {seats: 8})
      })
    })
    const client = await connect()
    client.send({ref: 7})
    expect(await client.next()).toEqual({
      type: 'error',
      ref: 7,
      code: 'ROOM_FULL',
      message: 'No seat',
      details: {seats: 8},
    })
    expect(failures).toEqual([])
    expect(log.errors()).toEqual([])
  })
})
