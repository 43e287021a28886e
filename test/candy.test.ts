import {setTimeout as delay} from 'node:timers/promises'
import type {Candy} from 'candy-ws'
import {fetchToken} from 'candy-ws/testing'
import {describe, expect, it} from 'vitest'
import {serve, signal, until} from './support/serve-handlers.js'

describe('3. Candy.Request', () => {
  it('has in data.url path parameters over query parameters, and in data.get the query alone', async () => {
    const {connect} = await serve({'/room/{room}/{user}': ({ws, Request}) => void ws.send(Request.data)})
    expect(await (await connect('/room/blue/7?room=red&page=2')).next()).toEqual({
      url: {room: 'blue', user: '7', page: '2'},
      get: {room: 'red', page: '2'},
      post: {},
    })
  })

  it('gives the room of /game?room=blue as the seed asks for it, and its default without', async () => {
    const {connect} = await serve({
      '/game': Candy => void Candy.ws.send(Candy.Request.data.url.room || 'lobby'),
    })
    expect(await (await connect('/game?room=blue')).next()).toBe('blue')
    expect(await (await connect('/game')).next()).toBe('lobby')
  })

  it('decodes each value once, and takes names that objects have for names', async () => {
    const {connect} = await serve({
      '/{name}': ({ws, Request: {data}}) =>
        void ws.send([data.url.name, data.get.q, data.get.__proto__ ?? null, data.url.constructor ?? null]),
    })
    const client = await connect('/a%2520b%20c?q=x+y%26z&__proto__=p')
    expect(await client.next()).toEqual(['a%20b c', 'x y&z', 'p', null])
  })

  it('has header, cookie, ip, host, method and url', async () => {
    const {connect, url} = await serve({
      '/{a}': ({ws, Request}) =>
        void ws.send([
          Request.header('X-Thing'),
          Request.header('x-thing'),
          Request.header('missing') ?? null,
          Request.cookie('c'),
          Request.cookie('toString') ?? null,
          Request.ip,
          Request.host,
          Request.method,
          Request.url,
        ]),
    })
    const client = await connect('/x?y=%20', {headers: {'x-thing': 'one', cookie: 'c=a%20b; d=2'}})
    const {host} = new URL(url)
    expect(await client.next()).toEqual([
      'one',
      'one',
      null,
      'a b',
      null,
      '127.0.0.1',
      host,
      'GET',
      '/x?y=%20',
    ])
  })
})

describe('3. Candy.token', () => {
  it('mints a token for this session, and tells at once whether one is valid for it', async () => {
    const {connect, url} = await serve(Candy => {
      const minted = Candy.token()
      Candy.ws.send({minted, valid: Candy.token(minted)})
      Candy.ws.on('message', value => Candy.ws.send(Candy.token(value as string)))
    })
    const {token, cookie} = await fetchToken(url)
    const client = await connect('/', {headers: {cookie: cookie!}})
    const {minted, valid} = await client.next<{minted: string; valid: boolean}>()
    expect(valid).toBe(true)
    const foreign = (await fetchToken(url)).token
    for (const value of [token, minted, foreign, '', 'x', 'é', `${token}x`, token.slice(1)])
      client.send(value)
    expect(await client.take(8)).toEqual([true, true, false, false, false, false, false, false])
  })

  it('without a session throws when it mints, and finds none valid', async () => {
    const there = signal<Candy>()
    const {connect, url} = await serve(there.fire)
    await connect()
    const candy = await there.fired
    expect(() => candy.token()).toThrow('no session')
    expect(candy.token((await fetchToken(url)).token)).toBe(false)
  })
})

describe('3. Candy.setTimeout and setInterval', () => {
  it('run as the global ones, arguments included, until cleared', async () => {
    const {connect} = await serve(Candy => {
      Candy.clearTimeout(Candy.setTimeout(() => Candy.ws.send('never'), 1))
      let ticks = 0
      const interval = Candy.setInterval(
        name => {
          Candy.ws.send(`${name} ${(ticks += 1)}`)
          if (ticks === 2) Candy.clearInterval(interval)
        },
        5,
        'tick',
      )
      Candy.setTimeout((...args: string[]) => Candy.ws.send(args), 40, 'a', 'b')
    })
    expect(await (await connect()).take(3)).toEqual(['tick 1', 'tick 2', ['a', 'b']])
  })

  it('are cleared when the connection closes; one made afterwards never runs', async () => {
    const ran: string[] = []
    const ended = signal()
    const {connect} = await serve(Candy => {
      Candy.setTimeout(() => ran.push('timeout'), 50)
      Candy.setInterval(() => ran.push('interval'), 50)
      Candy.ws.on('close', () => {
        Candy.setTimeout(() => ran.push('late'), 1)
        Candy.setInterval(() => ran.push('late'), 1)
        ended.fire()
      })
    })
    await (await connect()).close()
    await ended.fired
    await delay(80)
    expect(ran).toEqual([])
  })

  it('give what they throw to the error listeners, else to the log', async () => {
    const failures: unknown[] = []
    const {connect, log} = await serve({
      '/listens': Candy => {
        Candy.ws.on('error', error => failures.push(error.message))
        Candy.setTimeout(() => Promise.reject(new Error('heard')), 1)
      },
      '/logs': Candy => {
        Candy.setTimeout(() => {
          throw new Error('logged')
        }, 1)
      },
    })
    await connect('/listens')
    await connect('/logs')
    await until(() => failures.length + log.errors().length >= 2)
    expect(failures).toEqual(['heard'])
    expect(log.errors().map(line => line.error)).toEqual(['Error: logged'])
  })

  it('refuse a delay that Node would not keep', async () => {
    const there = signal<Candy>()
    const {connect} = await serve(there.fire)
    await connect()
    const candy = await there.fired
    for (const ms of [2 ** 31, Infinity, NaN])
      expect(() => candy.setTimeout(() => undefined, ms)).toThrow(RangeError)
  })
})

describe('3. Candy.signal', () => {
  it('is aborted at close, and is aborted already when asked for afterwards', async () => {
    const there = signal<Candy>()
    const {connect} = await serve({'/asks': Candy => void [Candy.signal, there.fire(Candy)]})
    const client = await connect('/asks')
    const candy = await there.fired
    const during = candy.signal
    expect([during.aborted, candy.signal === during]).toEqual([false, true])
    await client.close()
    await until(() => during.aborted)

    const late = signal<Candy>()
    const other = await serve(Candy => void Candy.ws.on('close', () => late.fire(Candy)))
    await (await other.connect()).close()
    expect((await late.fired).signal.aborted).toBe(true)
  })

  it('is aborted when the handshake ends without a connection', async () => {
    const there = signal<Candy>()
    const {connect} = await serve(() => undefined, {
      route: {
        use: [
          Candy => {
            void Candy.signal
            there.fire(Candy)
            return false
          },
        ],
      },
    })
    expect(await (await connect()).closed).toMatchObject({code: 4003})
    expect((await there.fired).signal.aborted).toBe(true)
  })
})

describe('3. Candy.ws.user and Candy.Auth', () => {
  it('asks auth at most once per handshake, before the verdict on an auth route', async () => {
    let asked = 0
    const auth = () => {
      asked += 1
      return {id: 7, name: 'Ada'}
    }
    const {connect} = await serve(
      async ({ws, Auth}) => {
        const known = ws.user
        ws.send([known, await Auth.check(), await Auth.user(), ws.user])
      },
      {auth, route: {auth: true}},
    )
    const ada = {id: 7, name: 'Ada'}
    expect(await (await connect()).next()).toEqual([ada, true, ada, ada])
    expect(asked).toBe(1)
  })

  it('elsewhere asks at the first call; until then the user is null', async () => {
    let asked = 0
    const auth = () => {
      asked += 1
      return Promise.resolve({id: 7})
    }
    const {connect} = await serve(
      {
        '/asks': async ({ws, Auth}) => {
          const before = ws.user
          await Promise.all([Auth.user(), Auth.check(), Auth.user()])
          ws.send([before, ws.user])
        },
        '/never': ({ws}) => void ws.send([ws.user]),
      },
      {auth},
    )
    expect(await (await connect('/asks')).next()).toEqual([null, {id: 7}])
    expect(await (await connect('/never')).next()).toEqual([null])
    expect(asked).toBe(1)
  })

  it('takes the user a middleware has set', async () => {
    const {connect} = await serve(async ({ws, Auth}) => void ws.send([ws.user, await Auth.user()]), {
      auth: () => ({id: 'asked'}),
      route: {use: [({Auth}) => Auth.setUser({id: 'set'})]},
    })
    expect(await (await connect()).next()).toEqual([{id: 'set'}, {id: 'set'}])
  })

  it('knows nobody without an auth option', async () => {
    const {connect} = await serve(
      async ({ws, Auth}) => void ws.send([ws.user, await Auth.check(), await Auth.user()]),
    )
    expect(await (await connect()).next()).toEqual([null, false, null])
  })
})
