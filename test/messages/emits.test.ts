import {Candy, createApp, Emits, OnMessage, OnOpen, Token, Use, WsRoute, type AppOptions} from 'candy-ws'
import {IsString} from 'class-validator'
import {describe, expect, it, onTestFinished} from 'vitest'
import {ask} from '../support/ask.js'
import {serve} from '../support/serve-handlers.js'

class Said {
  @IsString() text!: string
}

class Left {
  @IsString() who!: string
}

/** Meant to have no rules. */
class Plain {}

const right = {type: 'said', text: 'hi'}
const wrong = {type: 'said', text: {pw: 'hunter2'}}

@WsRoute('/class')
@Token(false)
@Emits('said', Said)
@Emits('left', Left)
@Emits('plain', Plain, {validate: false})
class Controller {
  constructor(readonly candy: Candy) {}
  @OnOpen() opened() {
    this.candy.ws.join('room')
  }
  @OnMessage('send') send() {
    this.candy.ws.send(wrong)
  }
  @OnMessage('to') to() {
    this.candy.ws.to('room').except('nobody').send(wrong)
  }
  @OnMessage('broadcast') broadcast() {
    this.candy.ws.broadcast(wrong)
  }
  @OnMessage('more') more() {
    this.candy.ws.send({...right, more: 'hunter2'})
  }
  @OnMessage('left') left() {
    this.candy.ws.send({type: 'left', who: 5})
  }
  @OnMessage('fine') fine() {
    const {ws} = this.candy
    ws.send(right)
    ws.to('room').send(right)
    ws.broadcast(right)
    for (const free of [
      {type: 'other', text: 5},
      {text: 5},
      ['said'],
      5,
      null,
      'said',
      {type: 'plain', text: 5},
    ])
      ws.send(free)
  }
  @OnMessage('end') end() {}
}

const open = (options: AppOptions = {}) => serve({}, {controllers: [Controller], ...options})

describe('5. @Emits', () => {
  it.each([
    ['send', 'text (isString)'],
    ['to', 'text (isString)'],
    ['broadcast', 'text (isString)'],
    ['more', 'more (whitelistValidation)'],
    ['left', 'who (isString)'],
  ])('a mismatch throws at the send, and nothing goes out: %s', async (type, fault) => {
    const {connect, log} = await open()
    const [client, other] = [await connect('/class'), await connect('/class')]
    expect(await ask(client, {type, ref: 1})).toEqual([
      {type: 'error', ref: 1, code: 'INTERNAL', message: 'Internal error'},
    ])
    expect(await ask(other, {type: 'end'})).toMatchObject([])
    expect(log.errors()).toHaveLength(1)
    const line = JSON.stringify(log.errors()[0])
    expect(line).toContain(fault)
    expect(line).toContain('what Controller sends as')
    expect(line).not.toContain('hunter2')
  })

  it('what is as declared goes out, and so does what is not declared', async () => {
    const {connect, log} = await open()
    const [client, other] = [await connect('/class'), await connect('/class')]
    await ask(other, {type: 'end'})
    expect(await ask(client, {type: 'fine'})).toEqual([
      right,
      right,
      {type: 'other', text: 5},
      {text: 5},
      ['said'],
      5,
      null,
      'said',
      {type: 'plain', text: 5},
    ])
    expect(await other.take(2)).toEqual([right, right])
    expect(log.errors()).toEqual([])
  })

  it('is not judged in production, and never changes what goes out', async () => {
    const kept = await open({whitelist: 'strip'})
    expect(await ask(await kept.connect('/class'), {type: 'more'})).toEqual([{...right, more: 'hunter2'}])
    const before = process.env.NODE_ENV
    onTestFinished(() => void (process.env.NODE_ENV = before))
    process.env.NODE_ENV = 'production'
    const {connect} = await open()
    expect(await ask(await connect('/class'), {type: 'send'})).toEqual([wrong])
  })

  it('holds for other routes of the app only where they say it, and for middleware of its own', async () => {
    @WsRoute('/other')
    @Token(false)
    class Other {
      @OnOpen() opened(candy: Candy) {
        candy.ws.send(wrong)
      }
    }
    @WsRoute('/greeted')
    @Token(false)
    @Use(({ws}) => void ws.send(wrong))
    @Emits('said', Said)
    class Greeted {
      @OnOpen() opened() {}
    }
    const {connect} = await serve({}, {controllers: [Other, Greeted]})
    expect(await (await connect('/other')).next()).toEqual(wrong)
    expect(await (await connect('/greeted')).closed).toMatchObject({code: 1011})
  })

  it('is inherited, and said anew by a subclass', async () => {
    @WsRoute('/same')
    class Same extends Controller {}
    @WsRoute('/anew')
    @Emits('said', Plain, {validate: false})
    class Anew extends Controller {}
    const {connect} = await serve({}, {controllers: [Same, Anew]})
    expect(await ask(await connect('/same'), {type: 'send', ref: 1})).toMatchObject([{code: 'INTERNAL'}])
    const anew = await connect('/anew')
    expect(await ask(anew, {type: 'send'})).toEqual([wrong])
    expect(await ask(anew, {type: 'left', ref: 1})).toMatchObject([{code: 'INTERNAL'}])
  })

  it.each([
    ['a reserved type', 'RESERVED_TYPE', Emits('candy.said', Said)],
    ['a class without rules', 'NO_RULES', Emits('said', Plain)],
    ['a type of the language', 'NO_RULES', Emits('said', Object)],
    ['an unknown option', 'INVALID_OPTION', Emits('said', Said, {validated: true} as never)],
    ['no class', 'INVALID_OPTION', Emits('said', 'Said' as never)],
    ['a type that is none', 'INVALID_OPTION', Emits(5 as never, Said)],
  ])('is refused at boot: %s', async (_name, code, decorate) => {
    class Refused {
      opened() {}
    }
    OnOpen()(Refused.prototype, 'opened', {})
    WsRoute('/refused', {token: false})(Refused)
    decorate(Refused)
    await expect(createApp({controllers: [Refused]})).rejects.toMatchObject({problems: [{code}]})
  })

  it('is refused at boot if it stands there twice', async () => {
    @WsRoute('/twice')
    @Emits('said', Said)
    @Emits('said', Left)
    class Twice {
      @OnOpen() opened() {}
    }
    await expect(createApp({controllers: [Twice]})).rejects.toMatchObject({
      problems: [{code: 'DUPLICATE_HANDLER'}],
    })
  })
})
