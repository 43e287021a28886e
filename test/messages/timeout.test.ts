import {setTimeout as delay} from 'node:timers/promises'
import {
  Body,
  Candy,
  CandyError,
  OnBinary,
  OnError,
  OnMessage,
  OnOpen,
  Parallel,
  Token,
  Use,
  WsRoute,
} from 'candy-ws'
import {IsOptional, ValidateBy} from 'class-validator'
import {describe, expect, it} from 'vitest'
import {ask} from '../support/ask.js'
import {serve, signal, until} from '../support/serve-handlers.js'

const text = expect.any(String) as string
const never = () => new Promise<never>(() => undefined)
const limits = {handlerTimeout: 40}
const both = ['/class', '/function']

class Any {
  @IsOptional() n?: number
}

/** A rule that never answers. */
class Hanging {
  @ValidateBy({name: 'hangs', validator: {validate: async () => never()}}) n!: number
}

let signals: AbortSignal[] = []
let finish = signal<unknown>()
const reached: string[] = []

@WsRoute('/class')
@Token(false)
class Controller {
  @OnMessage('never') never(signal: AbortSignal) {
    signals.push(signal)
    return never()
  }
  @OnMessage('late') async late() {
    const result = await finish.fired
    if (result instanceof Error) throw result
    return result
  }
  @OnMessage('echo') async echo(signal: AbortSignal) {
    return delay(60_000, undefined, {signal})
  }
  @OnMessage('guard') @Use(never) guard() {
    reached.push('guard')
  }
  @OnMessage('lateGuard') @Use(async () => finish.fired.then(() => true)) lateGuard() {
    reached.push('lateGuard')
  }
  @OnMessage('body') body(_body: Hanging) {
    reached.push('body')
  }
  @OnMessage('end') end() {}
}

const functional = ({ws}: Candy) => {
  const it = new Controller()
  ws.on('never', Any, async (_body, signal) => it.never(signal))
  ws.on('late', Any, async () => it.late())
  ws.on('echo', Any, async (_body, signal) => it.echo(signal))
  ws.on('body', Hanging, body => it.body(body))
  ws.on('end', Object, () => undefined)
}

async function open() {
  signals = []
  finish = signal()
  reached.length = 0
  return serve({'/function': functional}, {controllers: [Controller], limits})
}

describe('5. TIMEOUT', () => {
  it.each(both)(
    'row 41: a handler that never ends: frame with ref, signal aborted, one line, the next one’s turn: %s',
    async path => {
      const {connect, log} = await open()
      const client = await connect(path)
      expect(await ask(client, {type: 'never', ref: 5})).toEqual([
        {type: 'error', ref: 5, code: 'TIMEOUT', message: text},
      ])
      expect(signals[0]!.aborted).toBe(true)
      expect(signals[0]!.reason).toBeInstanceOf(Error)
      expect(log.errors()).toHaveLength(1)
      expect(log.errors()[0]!.error).toContain("'never' took longer than 40 ms")
      expect(log.lines.filter(line => line.event === 'handler.timeout')).toMatchObject([
        {level: 'debug', limit: 'handlerTimeout', route: path},
      ])
      expect(client.pending).toEqual([])
    },
  )

  it.each(both)('row 41: a body whose rules never answer; the handler is not called: %s', async path => {
    const {connect} = await open()
    expect(await ask(await connect(path), {type: 'body', n: 1, ref: 1})).toMatchObject([
      {ref: 1, code: 'TIMEOUT'},
    ])
    expect(reached).toEqual([])
  })

  it('a guard that never answers, or too late: the handler is not called', async () => {
    const {connect, log} = await open()
    const client = await connect('/class')
    expect(await ask(client, {type: 'guard', ref: 1})).toMatchObject([{ref: 1, code: 'TIMEOUT'}])
    expect(await ask(client, {type: 'lateGuard', ref: 2})).toMatchObject([{ref: 2, code: 'TIMEOUT'}])
    finish.fire(undefined)
    expect(await ask(client, {type: 'end', ref: 'a'})).toEqual([{type: 'reply', ref: 'a', data: null}])
    expect(reached).toEqual([])
    expect(log.errors()).toHaveLength(2)
  })

  it.each(both)('a result that comes late is dropped, also if it is meant for the client: %s', async path => {
    for (const result of ['late', new CandyError('LATE', 'too late')]) {
      const {connect, log} = await open()
      const client = await connect(path)
      expect(await ask(client, {type: 'late', ref: 1})).toMatchObject([{code: 'TIMEOUT'}])
      finish.fire(result)
      expect(await ask(client, {type: 'end', ref: 2})).toMatchObject([{ref: 2}])
      expect(log.errors()).toHaveLength(1)
    }
  })

  it.each(both)('an error that comes late is reported, and sends nothing: %s', async path => {
    const {connect, log} = await open()
    const client = await connect(path)
    expect(await ask(client, {type: 'late', ref: 1})).toMatchObject([{code: 'TIMEOUT'}])
    finish.fire(new Error('late'))
    expect(await ask(client, {type: 'end', ref: 2})).toMatchObject([{ref: 2}])
    expect(log.errors().map(line => line.error)).toEqual([
      expect.stringContaining('took longer'),
      expect.stringContaining('late'),
    ])
  })

  it.each(both)('the echo of the aborted signal is no second error: %s', async path => {
    const {connect, log} = await open()
    const client = await connect(path)
    expect(await ask(client, {type: 'echo', ref: 1})).toMatchObject([{code: 'TIMEOUT'}])
    expect(await ask(client, {type: 'end', ref: 2})).toMatchObject([{ref: 2}])
    expect(log.errors()).toHaveLength(1)
  })

  it('goes to @OnError where there is one; holds for @OnMessage() and @OnBinary too', async () => {
    const heard: string[] = []
    @WsRoute('/')
    @Token(false)
    class Rest {
      @OnMessage('end') end() {}
      @OnMessage() all(@Body() _body: unknown) {
        return never()
      }
      @OnBinary() bytes(_chunk: Buffer, signal: AbortSignal) {
        signals.push(signal)
        return never()
      }
      @OnError() failed(error: Error) {
        heard.push(error.message)
      }
    }
    signals = []
    const {connect, log} = await serve({}, {controllers: [Rest], limits})
    const client = await connect()
    expect(await ask(client, {type: 'secret text of a client', ref: 1})).toMatchObject([
      {ref: 1, code: 'TIMEOUT'},
    ])
    expect(await ask(client, Buffer.from('ab'))).toEqual([{type: 'error', code: 'TIMEOUT', message: text}])
    expect(signals[0]!.aborted).toBe(true)
    expect(heard).toEqual([
      'the handler of all other messages took longer than 40 ms',
      'the handler of bytes took longer than 40 ms',
    ])
    expect(log.errors()).toEqual([])
  })

  it('a plain listener: no frame, one line, and nobody else hears that message', async () => {
    const {connect, log} = await serve(
      ({ws}) => {
        ws.on('message', data => ((data as {n?: number}).n === 1 ? never() : undefined))
        ws.on('say', Any, ({n}) => reached.push(`say ${n}`))
        ws.on('end', Object, () => undefined)
      },
      {route: {limits}},
    )
    reached.length = 0
    const client = await connect()
    expect(await ask(client, {type: 'say', n: 1, ref: 1})).toEqual([])
    expect(await ask(client, {type: 'say', n: 2, ref: 2})).toMatchObject([{ref: 2}])
    expect(reached).toEqual(['say 2'])
    expect(log.errors()).toHaveLength(1)
  })

  it('is off where the route says so, over the app', async () => {
    const held = signal()
    const {connect} = await serve(
      ({ws}) => {
        ws.on('hold', Any, async () => held.fired)
        ws.on('end', Object, () => undefined)
      },
      {limits: {handlerTimeout: 1}, route: {limits: {handlerTimeout: 'off'}}},
    )
    const client = await connect()
    client.send({type: 'hold', ref: 1})
    await delay(30)
    held.fire()
    expect(await client.next()).toEqual({type: 'reply', ref: 1, data: null})
  })
})

describe('5. The signal of a message', () => {
  it.each(both)('is aborted when the connection closes, and its echo is no error: %s', async path => {
    const {connect, log, app} = await serve({'/function': functional}, {controllers: [Controller]})
    signals = []
    const client = await connect(path)
    client.send({type: 'never'})
    const other = await connect(path)
    other.send({type: 'echo'})
    await until(() => signals.length === 1)
    await client.close()
    await other.close()
    await until(() => signals[0]!.aborted)
    await until(() => app.Route.wsServer.clientCount === 0)
    expect(log.errors()).toEqual([])
  })

  it('is each message’s own, and nothing is kept of it', async () => {
    let candy!: Candy
    const mine: AbortSignal[] = []
    const {connect} = await serve(context => {
      candy = context
      context.ws.on('take', Any, (_body, signal) => void mine.push(signal))
      context.ws.on('plain', Any, (...given) => given.length)
      context.ws.on('end', Object, () => undefined)
    })
    const client = await connect()
    await ask(client, {type: 'take'})
    await ask(client, {type: 'take'})
    expect(new Set(mine).size).toBe(2)
    expect(await ask(client, {type: 'plain', ref: 1})).toMatchObject([{data: 1}])
    await client.close()
    await until(() => candy.signal.aborted)
    expect(mine.map(one => one.aborted)).toEqual([false, false])
  })

  it('is the connection’s in @OnOpen', async () => {
    const given: boolean[] = []
    @WsRoute('/')
    @Token(false)
    class Opens {
      @OnOpen() opened(signal: AbortSignal, candy: Candy) {
        given.push(signal === candy.signal)
        candy.ws.send('open')
      }
    }
    const {connect} = await serve({}, {controllers: [Opens]})
    expect(await (await connect()).next()).toBe('open')
    expect(given).toEqual([true])
  })
})

describe('5. Order', () => {
  it('row 45: holds for 1,000 messages whose handlers take what they take', async () => {
    const effects: number[] = []
    @WsRoute('/')
    @Token(false)
    class Ordered {
      @OnMessage('n') async n(@Body() {n}: {n: number}) {
        const takes = (n * 7919) % 3
        if (takes > 0) await delay(takes - 1)
        effects.push(n)
        return n
      }
    }
    const {connect} = await serve({}, {controllers: [Ordered], limits: {messageRate: 'off'}})
    const client = await connect()
    const numbers = Array.from({length: 1_000}, (_, n) => n)
    for (const n of numbers) client.send({type: 'n', n, ref: n})
    const replies = (await client.take(1_000, 8_000)) as {data: number}[]
    expect(effects).toEqual(numbers)
    expect(replies.map(({data}) => data)).toEqual(numbers)
  })

  it('is given up by @Parallel(4): at most 4 at once, and all of them done', async () => {
    let [running, most] = [0, 0]
    @WsRoute('/')
    @Token(false)
    @Parallel(4)
    class Busy {
      @OnMessage('busy') async busy() {
        most = Math.max(most, (running += 1))
        await delay(3)
        running -= 1
      }
    }
    const {connect} = await serve({}, {controllers: [Busy]})
    const client = await connect()
    for (let ref = 0; ref < 40; ref += 1) client.send({type: 'busy', ref})
    expect(await client.take(40)).toHaveLength(40)
    expect(most).toBe(4)
  })
})

describe('2. A handler that waits for nothing but close', () => {
  it('hears it although messages are held, once their time is over', async () => {
    const closed = signal<number>()
    const {connect, app} = await serve(
      async ({ws}) => {
        ws.send('here')
        const code = await new Promise<number>(resolve => ws.on('close', resolve))
        closed.fire(code)
      },
      {limits},
    )
    const client = await connect()
    await client.next()
    client.send({type: 'held'})
    await client.close(4000)
    expect(await closed.fired).toBe(4000)
    await until(() => app.Route.wsServer.clientCount === 0)
  })

  it('and no message reaches a handler after it, though a listener before held it until then', async () => {
    const [first, held] = [signal(), signal()]
    let context!: Candy
    reached.length = 0
    const {connect, app} = await serve(
      Candy => {
        context = Candy
        const {ws} = Candy
        ws.on('message', async data => ((data as {n: number}).n === 1 ? first.fired : held.fired))
        ws.on('say', Any, ({n}) => reached.push(`say ${n}`))
        ws.on('close', () => {
          reached.push('close')
          held.fire()
        })
      },
      {limits: {handlerTimeout: 1_000}},
    )
    const client = await connect()
    client.send({type: 'say', n: 1})
    client.send({type: 'say', n: 2})
    await client.close()
    await until(() => context.signal.aborted)
    first.fire()
    await until(() => reached.includes('close'))
    await app.close()
    expect(reached).toEqual(['say 1', 'close'])
  })
})
