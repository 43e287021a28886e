import {setTimeout as delay} from 'node:timers/promises'
import {type App, Body, Candy, CandyError, OnBinary, OnError, OnMessage, Token, WsRoute} from 'candy-ws'
import {describe, expect, it} from 'vitest'
import type {Traffic} from '#candy/telemetry/traffic.js'
import {ask} from '../support/ask.js'
import {serve} from '../support/serve-handlers.js'

const text = expect.any(String) as string

/** A controller with typed handlers only. */
@WsRoute('/typed')
@Token(false)
class Typed {
  @OnMessage('echo') echo(@Body() body: unknown) {
    return body
  }
  @OnMessage('nothing') nothing() {}
  @OnMessage('later') async later() {
    await delay(5)
    return 'later'
  }
  @OnMessage('throw') throws() {
    throw new Error('secret detail')
  }
  @OnMessage('reject') async rejects() {
    await delay(1)
    throw null
  }
  @OnMessage('own') own() {
    throw new CandyError('NO_SEAT', 'No seat left', {seats: 0})
  }
  @OnMessage('unsendable') unsendable() {
    return 1n
  }
  @OnMessage('ownUnsendable') ownUnsendable() {
    throw new CandyError('NO_SEAT', 'No seat left', 1n)
  }
  @OnMessage('end') end() {}
}

/** The same with a catch-all. */
@WsRoute('/all')
@Token(false)
class CatchAll {
  @OnMessage('end') end() {}
  @OnMessage() other(@Body() data: unknown, candy: Candy) {
    candy.ws.send({other: data})
    return 'no reply of its own'
  }
}

const typed = async () => {
  const served = await serve({}, {controllers: [Typed, CatchAll]})
  return {...served, client: await served.connect('/typed')}
}

describe('5. Replies', () => {
  it('answer every handled message that carries a ref, with what the handler returned', async () => {
    const {client} = await typed()
    expect(await ask(client, {type: 'echo', n: 1, ref: 7})).toEqual([
      {type: 'reply', ref: 7, data: {type: 'echo', n: 1, ref: 7}},
    ])
    expect(await ask(client, {type: 'later', ref: 'x'})).toEqual([{type: 'reply', ref: 'x', data: 'later'}])
    expect(await ask(client, {type: 'nothing', ref: 0})).toEqual([{type: 'reply', ref: 0, data: null}])
    expect(await ask(client, {type: 'nothing', ref: ''})).toEqual([{type: 'reply', ref: '', data: null}])
  })

  it('are not sent without a ref', async () => {
    const {client} = await typed()
    expect(await ask(client, {type: 'nothing'})).toEqual([])
  })

  it('are never sent by plain listeners and @OnMessage() themselves', async () => {
    const {connect} = await typed()
    expect(await ask(await connect('/all'), {type: 'unknown', ref: 1})).toEqual([
      {other: {type: 'unknown', ref: 1}},
    ])
    const plain = await serve(Candy => {
      Candy.ws.on('message', () => 'no reply')
      Candy.ws.on('end', Object, () => undefined)
    })
    expect(await ask(await plain.connect(), {type: 'x', ref: 1})).toEqual([])
  })

  it('of what has no JSON form are INTERNAL', async () => {
    const {client, log} = await typed()
    expect(await ask(client, {type: 'unsendable', ref: 1})).toEqual([
      {type: 'error', ref: 1, code: 'INTERNAL', message: text},
    ])
    expect(log.errors()).toHaveLength(1)
  })

  it('of Candy.ws tell its id, not its data', async () => {
    const {connect, app} = await serve(Candy => {
      Candy.ws.data.secret = 'mine'
      Candy.ws.on('join', Object, () => Candy.ws.join('room'))
    })
    const client = await connect()
    client.send({type: 'join', ref: 1})
    const [id] = app.Route.wsServer.clients.keys()
    expect(await client.next()).toEqual({type: 'reply', ref: 1, data: {id}})
  })
})

describe('5. Error frames', () => {
  it.each(['{oops', '', 'say', "{'type':'echo'}"])('BAD_JSON: text that is not JSON: %j', async frame => {
    const {client} = await typed()
    expect(await ask(client, frame)).toEqual([{type: 'error', code: 'BAD_JSON', message: text}])
  })

  it('UNKNOWN_TYPE: a JSON object without a known type, with its ref', async () => {
    const {client} = await typed()
    const unknown = {type: 'error', code: 'UNKNOWN_TYPE', message: text}
    expect(await ask(client, {type: 'unknown', ref: 3})).toEqual([{...unknown, ref: 3}])
    expect(await ask(client, {})).toEqual([unknown])
    expect(await ask(client, {type: 7})).toEqual([unknown])
    expect(await ask(client, {type: 'constructor'})).toEqual([unknown])
    expect(await ask(client, {type: '__proto__', ref: 'x'.repeat(64)})).toMatchObject([unknown])
  })

  it('UNKNOWN_TYPE: a binary frame nobody takes', async () => {
    const {client} = await typed()
    expect(await ask(client, Buffer.from('{}'))).toEqual([
      {type: 'error', code: 'UNKNOWN_TYPE', message: text},
    ])
  })

  it('none of both where a plain listener or a catch-all hears it, or nothing is typed', async () => {
    const {connect} = await typed()
    const all = await connect('/all')
    expect(await ask(all, '{oops')).toEqual([{other: '{oops'}])
    expect(await ask(all, Buffer.from([1]))).toMatchObject([{other: {type: 'Buffer', data: [1]}}])
    const plain = await serve(Candy => {
      Candy.ws.on('message', () => undefined)
      Candy.ws.on('end', Object, () => undefined)
    })
    const client = await plain.connect()
    for (const frame of ['{oops', {type: 'unknown'}, Buffer.from([1])])
      expect(await ask(client, frame)).toEqual([])
    const silent = await (await serve(() => undefined)).connect()
    silent.send('{oops')
    expect(await silent.close()).toMatchObject({code: 1005})
    expect(silent.pending).toEqual([])
  })

  it.each(['throw', 'reject'])(
    'INTERNAL: a typed handler threw (%s); nothing of the error, one line',
    async type => {
      const {client, log} = await typed()
      expect(await ask(client, {type, ref: 9})).toEqual([
        {type: 'error', ref: 9, code: 'INTERNAL', message: 'Internal error'},
      ])
      expect(log.errors()).toHaveLength(1)
      expect(log.errors()[0]).toMatchObject({route: '/typed', connection: text})
    },
  )

  it('INTERNAL: also @OnMessage() and @OnBinary; the error goes to @OnError where there is one', async () => {
    const failures: unknown[] = []
    @WsRoute('/')
    @Token(false)
    class Failing {
      @OnMessage() all() {
        throw new Error('all')
      }
      @OnBinary() bytes() {
        throw new Error('bytes')
      }
      @OnError() failed(error: Error) {
        failures.push(error.message)
      }
    }
    const {connect, log} = await serve({}, {controllers: [Failing]})
    const client = await connect()
    client.send({ref: 1})
    client.send(Buffer.from([1]))
    expect(await client.take(2)).toEqual([
      {type: 'error', ref: 1, code: 'INTERNAL', message: 'Internal error'},
      {type: 'error', code: 'INTERNAL', message: 'Internal error'},
    ])
    expect(failures).toEqual(['all', 'bytes'])
    expect(log.errors()).toEqual([])
  })

  it('none for a plain listener that throws', async () => {
    const {connect, log} = await serve(Candy => {
      Candy.ws.on('message', data => {
        if (data === 'fail') throw new Error('boom')
      })
      Candy.ws.on('end', Object, () => undefined)
    })
    expect(await ask(await connect(), 'fail')).toEqual([])
    expect(log.errors()).toHaveLength(1)
  })

  it('your own: a CandyError is sent with code, message and details, and not logged', async () => {
    const {client, log} = await typed()
    expect(await ask(client, {type: 'own', ref: 1})).toEqual([
      {type: 'error', ref: 1, code: 'NO_SEAT', message: 'No seat left', details: {seats: 0}},
    ])
    expect(log.errors()).toEqual([])
  })

  it('your own: details without a JSON form are left out, and told in the log', async () => {
    const {client, log} = await typed()
    expect(await ask(client, {type: 'ownUnsendable', ref: 1})).toEqual([
      {type: 'error', ref: 1, code: 'NO_SEAT', message: 'No seat left'},
    ])
    expect(log.errors()).toHaveLength(1)
  })
})

describe('the time that messages take', () => {
  it('is told to whoever wants to know, each message’s once, until nobody waits for it any longer', async () => {
    const {app, client} = await typed()
    const seconds: number[] = []
    trafficOf(app, '/typed').onHandled = taken => seconds.push(taken)
    for (const [type, least] of [
      ['nothing', 0],
      ['later', 0.003],
      ['throw', 0],
      ['no', 0],
    ] as const) {
      seconds.length = 0
      client.send({type, ref: type})
      await client.next()
      // Another message's turn comes after the first one's end.
      client.send({type: 'end', ref: 'end'})
      await client.next()
      expect(seconds.length).toBeGreaterThanOrEqual(1)
      expect(seconds[0]).toBeGreaterThanOrEqual(least)
      expect(seconds[0]).toBeLessThan(30)
    }
  })
})

/** What is counted of a route; only the app's own code sees it. */
function trafficOf(app: App, url: string): Traffic {
  type Internals = {findRoute(head: object): {endpoint: {traffic: Traffic}}}
  return (app as unknown as Internals).findRoute({url, headers: {}, socket: {}}).endpoint.traffic
}
