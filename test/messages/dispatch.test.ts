import {setTimeout as delay} from 'node:timers/promises'
import {Body, Candy, CandyError, OnBinary, OnError, OnMessage, Parallel, Token, WsRoute} from 'candy-ws'
import type {TestClient} from 'candy-ws/testing'
import {describe, expect, it} from 'vitest'
import {serve, signal} from '../support/serve-handlers.js'

const text = expect.any(String) as string

/** Sends a frame, then one that is always answered, and gives what came before that answer. */
async function ask(client: TestClient, frame: unknown): Promise<unknown[]> {
  client.send(frame)
  client.send({type: 'end', ref: 'end'})
  const answers: unknown[] = []
  for (;;) {
    const next = await client.next<{ref?: unknown}>()
    if (next?.ref === 'end') return answers
    answers.push(next)
  }
}

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

@WsRoute('/bytes')
@Token(false)
class Bytes {
  @OnMessage('end') end() {}
  @OnBinary() bytes(chunk: Buffer, candy: Candy) {
    if (chunk.length === 0) throw new Error('empty')
    candy.ws.send({bytes: chunk.length})
  }
}

const typed = async () => {
  const served = await serve({}, {controllers: [Typed, CatchAll, Bytes]})
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

  it('are not sent without a ref, or for one that is none', async () => {
    const {client} = await typed()
    expect(await ask(client, {type: 'nothing'})).toEqual([])
    expect(await ask(client, {type: 'nothing', ref: 'x'.repeat(65)})).toEqual([])
    expect(await ask(client, '{"type":"nothing","ref":1e999}')).toEqual([])
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
    expect(await ask(client, {type: '__proto__', ref: 'x'.repeat(65)})).toEqual([unknown])
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

describe('5. Who hears a message', () => {
  it('on("message") hears every frame, typed ones too, before the typed handler', async () => {
    const heard: unknown[] = []
    const {connect} = await serve(Candy => {
      Candy.ws.on('message', data => heard.push(data))
      Candy.ws.on('say', Object, data => heard.push(['typed', data]))
      Candy.ws.on('end', Object, () => undefined)
    })
    const client = await connect()
    await ask(client, {type: 'say'})
    await ask(client, Buffer.from('x'))
    const end = {type: 'end', ref: 'end'}
    expect(heard).toEqual([{type: 'say'}, ['typed', {type: 'say'}], end, Buffer.from('x'), end])
  })

  it('a binary frame goes to @OnBinary', async () => {
    const {connect} = await typed()
    expect(await ask(await connect('/bytes'), Buffer.from([1, 2]))).toEqual([{bytes: 2}])
  })

  it('messages of one connection are handled one at a time, in the order they came', async () => {
    const log: unknown[] = []
    const {connect} = await serve(Candy =>
      Candy.ws.on('message', async data => {
        log.push(['begin', data])
        await delay(10 - (data as number))
        log.push(['end', data])
        if (data === 4) Candy.ws.send('done')
      }),
    )
    const client = await connect()
    for (let n = 0; n < 5; n += 1) client.send(String(n))
    expect(await client.next()).toBe('done')
    expect(log).toEqual(
      [0, 1, 2, 3, 4].flatMap(n => [
        ['begin', n],
        ['end', n],
      ]),
    )
  })

  it('another connection does not wait', async () => {
    const held = signal()
    const {connect} = await serve(Candy =>
      Candy.ws.on('message', async data => {
        if (data === 'hold') await held.fired
        Candy.ws.send('done')
      }),
    )
    const [slow, quick] = [await connect(), await connect()]
    slow.send('hold')
    quick.send('go')
    expect(await quick.next()).toBe('done')
    held.fire()
    expect(await slow.next()).toBe('done')
  })

  it('{parallel: n} and @Parallel(n) let n of them run at once', async () => {
    let running = 0
    let most = 0
    const busy = async () => {
      most = Math.max(most, (running += 1))
      await delay(10)
      running -= 1
    }
    @WsRoute('/class')
    @Token(false)
    @Parallel(3)
    class Controller {
      @OnMessage('busy') busy() {
        return busy()
      }
    }
    const {connect} = await serve(
      {'/function': Candy => void Candy.ws.on('busy', Object, busy)},
      {route: {parallel: 3}, controllers: [Controller]},
    )
    for (const path of ['/function', '/class']) {
      most = 0
      const client = await connect(path)
      for (let ref = 0; ref < 9; ref += 1) client.send({type: 'busy', ref})
      await client.take(9)
      expect(most).toBe(3)
    }
  })
})
