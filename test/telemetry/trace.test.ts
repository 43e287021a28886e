import {context, propagation, ROOT_CONTEXT, trace} from '@opentelemetry/api'
import {AsyncLocalStorageContextManager} from '@opentelemetry/context-async-hooks'
import {W3CTraceContextPropagator} from '@opentelemetry/core'
import {Body, OnClose, OnMessage, OnOpen, Token, Use, WsRoute, type Candy} from 'candy-ws'
import {IsInt} from 'class-validator'
import {inTrace, loadTracing, traceFrom} from '#candy/telemetry/trace.js'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {serve} from '../support/serve-handlers.js'

const [a, b, c] = ['a', 'b', 'c'].map(letter => letter.repeat(32)) as [string, string, string]
const parent = (traceId: string, more = '') => `00-${traceId}-${'1'.repeat(16)}-01${more}`

/** The trace that whoever asks is part of. */
const here = () => trace.getSpanContext(context.active())?.traceId ?? 'none'

class Count {
  @IsInt() n!: number
}

const met: string[] = []
const meet = (who: string) => met.push(`${who} ${here()}`)

@WsRoute('/class')
@Token(false)
@Use(async () => {
  meet('middleware')
  await Promise.resolve()
})
class Controller {
  @OnOpen() opened() {
    meet('open')
  }
  @OnMessage('count') async count(@Body() _body: Count) {
    const before = here()
    await new Promise(resolve => setImmediate(resolve))
    return [before, here()]
  }
  @OnClose() closed() {
    meet('close')
  }
}

const functional = ({ws}: Candy) => {
  ws.on('message', () => void meet('listener'))
  ws.on('count', Count, () => here())
}

const open = () => serve({'/function': functional}, {controllers: [Controller]})

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
})
afterAll(() => {
  context.disable()
  propagation.disable()
})
beforeEach(() => void (met.length = 0))

describe('W3C trace context', () => {
  it('of the handshake is that of middleware, connect handler, messages and close handler', async () => {
    const {connect, app} = await open()
    const client = await connect('/class', {headers: {traceparent: parent(a), tracestate: 'x=1'}})
    client.send({type: 'count', n: 1, ref: 1})
    client.send({type: 'count', n: 2, ref: 2})
    expect(await client.next()).toMatchObject({ref: 1, data: [a, a]})
    expect(await client.next()).toMatchObject({ref: 2, data: [a, a]})
    await client.close()
    await app.close()
    expect(met).toEqual([`middleware ${a}`, `open ${a}`, `close ${a}`])
  })

  it('is nothing where the handshake has none, and of one connection is not another’s', async () => {
    const {connect} = await open()
    const [traced, plain] = [
      await connect('/function', {headers: {traceparent: parent(a)}}),
      await connect('/function'),
    ]
    for (const [client, data] of [
      [traced, a],
      [plain, 'none'],
      [traced, a],
    ] as const) {
      client.send({type: 'count', n: 1, ref: 1})
      expect(await client.next()).toMatchObject({data})
    }
    expect(met).toEqual([`listener ${a}`, 'listener none', `listener ${a}`])
    expect(here()).toBe('none')
  })

  it.each(['/class', '/function'])('of a message wins over it, for that message: %s', async path => {
    const {connect} = await open()
    const client = await connect(path, {headers: {traceparent: parent(a)}})
    for (const [traceparent, expected] of [
      [parent(b), b],
      [undefined, a],
      [parent(c), c],
      ['no traceparent', a],
      [5, a],
      [parent('0'.repeat(32)), a],
    ] as const) {
      client.send({type: 'count', n: 1, ref: 1, traceparent})
      const {data} = await client.next<{data: unknown}>()
      expect([data].flat()).toContain(expected)
      expect(new Set([data].flat()).size).toBe(1)
    }
  })

  it('of a message is a field like any other where candy.v1 is not spoken', async () => {
    const {connect} = await open()
    const client = await connect('/function', {protocols: []})
    client.send({type: 'count', n: 1, ref: 1, traceparent: parent(b)})
    expect(await client.next()).toMatchObject({
      code: 'VALIDATION',
      details: [{path: 'traceparent', rule: 'whitelistValidation'}],
    })
    expect(met).toEqual(['listener none'])
  })

  it.each([
    undefined,
    '',
    'x',
    5,
    {},
    [parent(a)],
    parent(a).toUpperCase(),
    parent(a).slice(1),
    ` ${parent(a)}`,
    parent(a, '0'),
    `${parent(a)}, ${parent(b)}`,
    parent('0'.repeat(32)),
    `ff${parent(a).slice(2)}`,
    `00-${a}-${'0'.repeat(16)}-01`,
    'a'.repeat(100_000),
  ])('is ignored where it is malformed: %j', async value => {
    await loadTracing()
    expect(traceFrom(value)).toBeUndefined()
    expect(traceFrom(value, 'x=1')).toBeUndefined()
  })

  it('is what OpenTelemetry makes of it, the state included', async () => {
    await loadTracing()
    const found = inTrace(traceFrom(parent(a), 'x=1'), () => trace.getSpanContext(context.active()))
    expect(found).toMatchObject({traceId: a, spanId: '1'.repeat(16), traceFlags: 1, isRemote: true})
    expect(found?.traceState?.get('x')).toBe('1')
    // A later version may have more in it.
    expect(traceFrom(`01${parent(a, '-more').slice(2)}`)).toBeDefined()
  })

  it('keeps what else is known where it comes in, and nothing of a span that is open there', async () => {
    await loadTracing()
    const key = Symbol('key')
    const around = trace.setSpanContext(ROOT_CONTEXT.setValue(key, 'kept'), {
      traceId: b,
      spanId: '2'.repeat(16),
      traceFlags: 1,
    })
    context.with(around, () => {
      expect(inTrace(traceFrom(parent(a)), () => [here(), context.active().getValue(key)])).toEqual([
        a,
        'kept',
      ])
      expect(traceFrom('malformed')).toBeUndefined()
      expect(inTrace(undefined, here)).toBe(b)
    })
  })

  it('is nothing where no propagator is registered', async () => {
    await loadTracing()
    propagation.disable()
    try {
      expect(traceFrom(parent(a))).toBeUndefined()
    } finally {
      propagation.setGlobalPropagator(new W3CTraceContextPropagator())
    }
  })
})
