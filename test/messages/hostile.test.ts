import {Body, Candy, CandyError, OnMessage, Token, WsRoute} from 'candy-ws'
import {IsOptional, IsString} from 'class-validator'
import {beforeEach, describe, expect, it} from 'vitest'
import {ask} from '../support/ask.js'
import {serve} from '../support/serve-handlers.js'

class Say {
  @IsOptional() @IsString() text?: string
}

const calls: unknown[] = []
beforeEach(() => void (calls.length = 0))

@WsRoute('/class')
@Token(false)
class Controller {
  @OnMessage('say') say(body: Say) {
    calls.push(body)
    return body
  }
  @OnMessage('raw') raw(@Body() body: object) {
    calls.push(body)
    return 'raw'
  }
  @OnMessage('throw') throws() {
    throw new Error('pw=hunter2')
  }
  @OnMessage('reject') async rejects() {
    throw Object.assign(new Error('pw=hunter2'), {code: 'pw=hunter2'})
  }
  @OnMessage('own') own() {
    throw new CandyError('ROOM_FULL', 'full')
  }
  @OnMessage('room') room(candy: Candy) {
    candy.ws.join('')
  }
  @OnMessage('end') end() {}
}

const functional = ({ws}: Candy) => {
  const it = new Controller()
  ws.on('say', Say, body => it.say(body))
  ws.on('raw', Object, body => it.raw(body))
  ws.on('throw', Say, () => it.throws())
  ws.on('reject', Say, async () => it.rejects())
  ws.on('own', Say, () => it.own())
  ws.on('room', Say, () => ws.join(''))
  ws.on('end', Object, () => it.end())
}

const open = () => serve({'/function': functional}, {controllers: [Controller]})
const both = ['/class', '/function']

const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
const wide = `[${Array.from({length: 12_000}, () => '1').join()}]`

const hostile: readonly (readonly [name: string, frame: string, code: string, path?: string])[] = [
  ['null', 'null', 'VALIDATION', ''],
  ['a number', '5', 'VALIDATION', ''],
  ['a string', '"x"', 'VALIDATION', ''],
  ['an array', '[]', 'VALIDATION', ''],
  ['an array of messages', '[{"type":"say"}]', 'VALIDATION', ''],
  ['true', 'true', 'VALIDATION', ''],
  ['nothing', '', 'BAD_JSON'],
  ['half of an object', '{"type":"say"', 'BAD_JSON'],
  ['NaN', '{"type":"say","text":NaN}', 'BAD_JSON'],
  ['20,000 levels', `{"type":"say","text":${deep(20_000)}}`, 'VALIDATION', ''],
  ['20,000 levels and nothing else', deep(20_000), 'VALIDATION', ''],
  ['20,000 levels for a body as parsed', `{"type":"raw","a":${deep(20_000)}}`, 'VALIDATION', ''],
  ['20,000 levels of no known type', `{"type":"no","a":${deep(20_000)}}`, 'VALIDATION', ''],
  ['12,000 values', `{"type":"say","text":${wide}}`, 'VALIDATION', ''],
  ['12,000 values for a body as parsed', `{"type":"raw","a":${wide}}`, 'VALIDATION', ''],
  ['__proto__', '{"type":"say","__proto__":{"text":"a"}}', 'VALIDATION', ''],
  ['__proto__, for a body as parsed', '{"type":"raw","__proto__":{"text":"a"}}', 'VALIDATION', ''],
  ['constructor within', '{"type":"raw","a":[{"constructor":1}]}', 'VALIDATION', 'a.0'],
  ['prototype of no known type', '{"prototype":1}', 'VALIDATION', ''],
  ['1e400 for a text', '{"type":"say","text":1e400}', 'VALIDATION', 'text'],
  ['1e400 as a ref', '{"type":"say","ref":1e400}', 'VALIDATION', 'ref'],
  ['a type that is no string', '{"type":["say"]}', 'UNKNOWN_TYPE'],
  ['the name of a method', '{"type":"constructor"}', 'UNKNOWN_TYPE'],
]

describe('5. A hostile message', () => {
  it.each(hostile)(
    '%s is an error frame, reaches nobody, and hurts nobody',
    async (_name, frame, code, path) => {
      const {connect, log} = await open()
      for (const route of both) {
        const client = await connect(route)
        const [answer, ...more] = (await ask(client, frame)) as {code: string; details?: {path: string}[]}[]
        expect(answer).toMatchObject({type: 'error', code})
        if (path !== undefined) expect(answer!.details!.map(one => one.path)).toContain(path)
        expect(more).toEqual([])
        expect(await ask(client, {type: 'say', text: 'alive', ref: 1})).toMatchObject([
          {data: {text: 'alive'}},
        ])
      }
      expect(calls).toHaveLength(both.length)
      expect(log.errors()).toEqual([])
      expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('text')
    },
  )

  it('is too deep, or too wide, by the limits of its route, and the log says so', async () => {
    const {connect, app, log} = await serve({}, {controllers: [Controller], limits: {maxDepth: 4}})
    app.Route.ws('/function', functional, {token: false, limits: {maxDepth: 50, maxNodes: 60}})
    app.Route.ws('/off', functional, {token: false, limits: {maxDepth: 'off', maxNodes: 'off'}})
    const message = (levels: number, values: number) =>
      `{"type":"raw","deep":${deep(levels - 1)},"wide":[${Array.from({length: values - levels - 2}, () => 1).join()}]}`
    for (const [path, levels, values, limit] of [
      ['/class', 4, 100, undefined],
      ['/class', 5, 100, 'maxDepth'],
      ['/function', 50, 60, undefined],
      ['/function', 51, 60, 'maxDepth'],
      ['/function', 50, 61, 'maxNodes'],
      ['/off', 500, 20_000, undefined],
    ] as const) {
      log.lines.length = 0
      const client = await connect(path)
      const answers = await ask(client, message(levels, values))
      expect(log.lines.filter(line => line.event === 'message.shape')).toMatchObject(
        limit ? [{level: 'debug', limit, route: path}] : [],
      )
      expect(answers).toMatchObject(limit ? [{code: 'VALIDATION', details: [{rule: 'shape', path: ''}]}] : [])
    }
  })

  it.each(both)('is not told back names of any length: %s', async route => {
    const {connect} = await open()
    const client = await connect(route)
    const name = 'n'.repeat(30_000)
    const [{details}] = (await ask(client, `{"type":"say","${name}":1}`)) as [{details: object[]}]
    expect(details).toEqual([
      {
        path: `${'n'.repeat(500)}…`,
        rule: 'whitelistValidation',
        message: expect.stringMatching(/^property n{490}n*…$/) as string,
      },
    ])
  })

  it.each([
    ['lone surrogates', String.raw`{"type":"say","text":"\ud800","ref":1}`, '\ud800'],
    ['a duplicate key', '{"type":"no","type":"say","text":5,"text":"b","ref":1}', 'b'],
  ])('%s is JSON, and the handler’s', async (_name, frame, heard) => {
    const {connect} = await open()
    for (const route of both)
      expect(await ask(await connect(route), frame)).toEqual([{type: 'reply', ref: 1, data: {text: heard}}])
  })
})

describe('5. What a handler throws', () => {
  it.each(both)('leaves no trace in any frame, and one line in the log: %s', async route => {
    for (const type of ['throw', 'reject']) {
      const {connect, log} = await open()
      const frames = await ask(await connect(route), {type, ref: 7})
      expect(frames).toEqual([{type: 'error', ref: 7, code: 'INTERNAL', message: 'Internal error'}])
      expect(log.errors()).toHaveLength(1)
    }
  })

  it.each(both)('is sent, and not logged, if it is meant for the client: %s', async route => {
    const {connect, log} = await open()
    const client = await connect(route)
    expect(await ask(client, {type: 'own', ref: 1})).toMatchObject([{ref: 1, code: 'ROOM_FULL'}])
    expect(await ask(client, {type: 'room', ref: 2})).toMatchObject([{ref: 2, code: 'ROOM'}])
    expect(log.errors()).toEqual([])
  })
})
