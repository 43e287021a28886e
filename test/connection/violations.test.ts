import {performance} from 'node:perf_hooks'
import {Body, Candy, CandyError, OnMessage, Token, Use, WsRoute} from 'candy-ws'
import {IsInt} from 'class-validator'
import {expect, it, onTestFinished, vi} from 'vitest'
import {serve} from '../support/serve-handlers.js'

class Count {
  @IsInt() n!: number
}

@WsRoute('/class')
@Token(false)
class Controller {
  @OnMessage('count') count(@Body() {n}: Count) {
    return n
  }
}

const functional = ({ws}: Candy) => ws.on('count', Count, ({n}) => n)

const paths = ['/class', '/function']
const open = (limits = {}) => serve({'/function': functional}, {controllers: [Controller], limits})

const violations = ['{', {type: 'no'}, {type: 'count', n: 'x'}, [], {type: 'count', n: 1, ref: {}}]
const codes = ['BAD_JSON', 'UNKNOWN_TYPE', 'VALIDATION', 'VALIDATION', 'VALIDATION']
const end = {code: 1008, reason: 'Too many invalid messages'}

it.each(paths)('ends a connection with its 21st refused message, which is answered: %s', async path => {
  const {connect, log} = await open()
  const [client, other] = [await connect(path), await connect(path)]
  const sent = Array.from({length: 21}, (_, index) => index % violations.length)
  for (const one of sent.slice(0, 20)) client.send(violations[one])
  for (const one of sent.slice(0, 20)) expect(await client.next()).toMatchObject({code: codes[one]})
  client.send({type: 'count', n: 7, ref: 1})
  expect(await client.next()).toMatchObject({data: 7})
  client.send(violations[sent[20]!])
  client.send({type: 'count', n: 8, ref: 2})
  expect(await client.next()).toMatchObject({code: codes[sent[20]!]})
  expect(await client.closed).toEqual(end)
  expect(log.lines.filter(line => line.event === 'violations')).toEqual([
    expect.objectContaining({level: 'warn', limit: 'maxViolations', route: path}),
  ])
  other.send({type: 'count', n: 9, ref: 3})
  expect(await other.next()).toMatchObject({data: 9})
})

it('forgets them after a minute', async () => {
  const {connect} = await open({maxViolations: 2, pingInterval: 'off'})
  const client = await connect('/function')
  const now = performance.now.bind(performance)
  let ahead = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + ahead)
  onTestFinished(() => clock.mockRestore())
  const violate = async () => {
    client.send('{')
    return client.next()
  }
  await violate()
  ahead = 50_000
  await violate()
  // The first of them is a minute old.
  ahead = 61_000
  await violate()
  ahead = 62_000
  expect(await violate()).toMatchObject({code: 'BAD_JSON'})
  expect(await client.closed).toEqual(end)
})

it('counts nothing else: what guards and handlers refuse, and what they throw', async () => {
  @WsRoute('/')
  @Token(false)
  class Strict {
    @OnMessage('own') own() {
      throw new CandyError('FULL')
    }
    @OnMessage('like') like() {
      throw new CandyError('VALIDATION')
    }
    @OnMessage('room') room(candy: Candy) {
      candy.ws.join('')
    }
    @OnMessage('broken') broken() {
      throw new Error('broken')
    }
    @OnMessage('forbidden') @Use(() => false) forbidden() {}
  }
  const {connect} = await serve({}, {controllers: [Strict], limits: {maxViolations: 1}})
  const client = await connect()
  for (const type of ['own', 'like', 'room', 'broken', 'forbidden', 'own', 'like']) {
    client.send({type, ref: type})
    expect(await client.next()).toMatchObject({type: 'error', ref: type})
  }
})

it('is a route’s own, and may be off', async () => {
  const {connect} = await serve(functional, {
    limits: {maxViolations: 1},
    route: {limits: {maxViolations: 'off'}},
  })
  const client = await connect()
  for (let n = 0; n < 100; n += 1) client.send('{')
  for (let n = 0; n < 100; n += 1) expect(await client.next()).toMatchObject({code: 'BAD_JSON'})
  client.send({type: 'count', n: 1, ref: 1})
  expect(await client.next()).toMatchObject({data: 1})
})
