import {Candy, CandyError, OnMessage, Token, WsRoute, type AppOptions} from 'candy-ws'
import {Allow, IsDateString, IsOptional, IsString} from 'class-validator'
import {describe, expect, it, onTestFinished} from 'vitest'
import {ask} from '../support/ask.js'
import {serve} from '../support/serve-handlers.js'

class Say {
  @IsString() what!: string
}

class Said {
  @IsString() text!: string
  @IsOptional() @IsDateString() at?: string
}

const answers: Record<string, () => unknown> = {
  right: () => ({text: 'hi'}),
  json: () => ({text: 'hi', at: new Date(0), gone: undefined}),
  typed: () => ({type: 'said', text: 'hi'}),
  wrong: () => ({text: {pw: 'hunter2'}}),
  more: () => ({text: 'hi', secret: 'hunter2'}),
  null: () => null,
  nothing: () => undefined,
  array: () => [{text: 'hi'}],
  text: () => 'hi',
  own: () => {
    throw new CandyError('OWN', 'mine')
  },
}

@WsRoute('/class')
@Token(false)
class Controller {
  @OnMessage('say', {reply: Said}) say({what}: Say) {
    return answers[what]!()
  }
  @OnMessage('later', {reply: Said}) async later({what}: Say) {
    return answers[what]!()
  }
  @OnMessage('end') end() {}
}

const functional = ({ws}: Candy) => {
  ws.on('say', Say, ({what}) => answers[what]!(), {reply: Said})
  ws.on('later', Say, async ({what}) => answers[what]!(), {reply: Said})
  ws.on('end', Object, () => undefined)
}

const open = (options: AppOptions = {}) =>
  serve({'/function': functional}, {controllers: [Controller], ...options})

const ways = ['/class', '/function'].flatMap(path => ['say', 'later'].map(type => [path, type] as const))

describe('5. A declared reply', () => {
  it.each(ways)('goes out if it is as declared, as JSON carries it: %s %s', async (path, type) => {
    const {connect, log} = await open()
    const client = await connect(path)
    const reply = {type: 'reply', ref: 1}
    expect(await ask(client, {type, what: 'right', ref: 1})).toEqual([{...reply, data: {text: 'hi'}}])
    expect(await ask(client, {type, what: 'json', ref: 1})).toEqual([
      {...reply, data: {text: 'hi', at: '1970-01-01T00:00:00.000Z'}},
    ])
    expect(await ask(client, {type, what: 'typed', ref: 1})).toEqual([
      {...reply, data: {type: 'said', text: 'hi'}},
    ])
    expect(await ask(client, {type, what: 'right'})).toEqual([])
    expect(log.errors()).toEqual([])
  })

  it.each(ways)('is INTERNAL and one line with path and rule if it is not: %s %s', async (path, type) => {
    for (const [what, fault] of [
      ['wrong', 'text (isString)'],
      ['more', 'secret (whitelistValidation)'],
      ['null', '(shape)'],
      ['nothing', '(shape)'],
      ['array', '(shape)'],
      ['text', '(shape)'],
    ] as const) {
      const {connect, log} = await open()
      expect(await ask(await connect(path), {type, what, ref: 1})).toEqual([
        {type: 'error', ref: 1, code: 'INTERNAL', message: 'Internal error'},
      ])
      expect(log.errors()).toHaveLength(1)
      const line = JSON.stringify(log.errors()[0])
      expect(line).toContain(fault)
      expect(line).toContain('is no Said')
      expect(line).toContain(path === '/class' ? `Controller.${type}()` : `on('${type}')`)
      expect(line).not.toContain('hunter2')
    }
  })

  it.each(ways)(
    'does not stand in the way of a refusal or an error of your own: %s %s',
    async (path, type) => {
      const {connect, log} = await open()
      const client = await connect(path)
      expect(await ask(client, {type, what: 5, ref: 1})).toMatchObject([{ref: 1, code: 'VALIDATION'}])
      expect(await ask(client, {type, what: 'own', ref: 2})).toMatchObject([{ref: 2, code: 'OWN'}])
      expect(log.errors()).toEqual([])
    },
  )

  it.each(ways)('is never changed: what strip would take away goes out: %s %s', async (path, type) => {
    const {connect} = await open({whitelist: 'strip'})
    expect(await ask(await connect(path), {type, what: 'more', ref: 1})).toMatchObject([
      {data: {text: 'hi', secret: 'hunter2'}},
    ])
  })

  it.each(ways)('is not judged in production: %s %s', async (path, type) => {
    const before = process.env.NODE_ENV
    onTestFinished(() => void (process.env.NODE_ENV = before))
    process.env.NODE_ENV = 'production'
    const {connect} = await open()
    expect(await ask(await connect(path), {type, what: 'wrong', ref: 1})).toMatchObject([{type: 'reply'}])
  })
})

describe('3. What on(type, Dto, fn, options) refuses where it is called', () => {
  class Plain {}
  class Order {
    @Allow()
    say!: Say
  }
  it.each([
    [
      'a class without rules',
      (ws: Candy['ws']) => ws.on('x', Plain, () => 0),
      "the message of on('x') is a Plain, which has no validation rules",
    ],
    [
      'a reply without rules',
      (ws: Candy['ws']) => ws.on('x', Say, () => 0, {reply: Plain}),
      "the reply of on('x') is a Plain",
    ],
    [
      'groups that no rule is in',
      (ws: Candy['ws']) => ws.on('x', Say, () => 0, {groups: ['admin']}),
      "Say has no rules in 'admin'",
    ],
    [
      'a class within it that is not asked',
      (ws: Candy['ws']) => ws.on('x', Order, () => 0),
      'Order.say is a class with rules, and they are not asked',
    ],
    [
      'an unknown option',
      (ws: Candy['ws']) => ws.on('x', Say, () => 0, {replies: Said} as never),
      "unknown option 'replies'",
    ],
    [
      'groups that are no list',
      (ws: Candy['ws']) => ws.on('x', Say, () => 0, {groups: 'a'} as never),
      "'groups'",
    ],
    [
      'validate that is no boolean',
      (ws: Candy['ws']) => ws.on('x', Say, () => 0, {validate: 1} as never),
      "'validate'",
    ],
    ['options that are none', (ws: Candy['ws']) => ws.on('x', Say, () => 0, 5 as never), 'no object'],
  ])('%s', async (_name, attempt, says) => {
    const {connect} = await serve(({ws}) => {
      try {
        attempt(ws)
      } catch (error) {
        ws.send({name: (error as Error).name, message: (error as Error).message})
      }
    })
    const told = await (await connect()).next<{name: string; message: string}>()
    expect(told.name).toBe('TypeError')
    expect(told.message).toContain(says)
  })
})
