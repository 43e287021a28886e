import {setTimeout as delay} from 'node:timers/promises'
import {Auth, Body, Candy, OnBinary, OnMessage, Token, Use, WsRoute, type AppOptions} from 'candy-ws'
import {Type} from 'class-transformer'
import {
  ArrayMaxSize,
  IsInt,
  IsOptional,
  IsString,
  MaxLength,
  ValidateBy,
  ValidateNested,
} from 'class-validator'
import {describe, expect, it} from 'vitest'
import {ask} from '../support/ask.js'
import {serve} from '../support/serve-handlers.js'

const text = expect.any(String) as string

class Line {
  @IsString() sku!: string
}

class Order {
  @IsString() @MaxLength(5) name!: string
  @IsOptional() @IsInt() count?: number
  @IsOptional() @ValidateNested({each: true}) @Type(() => Line) @ArrayMaxSize(9) lines?: Line[]
}

/** Declares what else belongs to the envelope. */
class Whole {
  @IsString() type!: string
  @IsInt() ref!: number
}

class Traced {
  @IsString() traceparent!: string
}

/** Rules that take their time. */
class Slow {
  @ValidateBy({
    name: 'isFree',
    validator: {
      validate: async value => {
        await delay(1)
        return value === 'free'
      },
      defaultMessage: () => 'name is taken',
    },
  })
  name!: string
}

class Grouped {
  @IsString({groups: ['create']}) name!: string
  @IsInt({groups: ['update']}) id!: number
}

/** Meant to have no rules. */
class Plain {
  name!: string
}

const calls: unknown[] = []
const seen = (body: object) => {
  calls.push(body)
  return {is: body.constructor.name, ...body}
}

@WsRoute('/class')
@Token(false)
class Controller {
  @OnMessage('order') order(body: Order) {
    return seen(body)
  }
  @OnMessage('marked') marked(candy: Candy, @Body() body: Order) {
    return {candy: candy instanceof Candy, ...seen(body)}
  }
  @OnMessage('whole') whole(body: Whole) {
    return seen(body)
  }
  @OnMessage('traced') traced(body: Traced) {
    return seen(body)
  }
  @OnMessage('slow') slow(body: Slow) {
    return seen(body)
  }
  @OnMessage('grouped', {groups: ['create']}) grouped(body: Grouped) {
    return seen(body)
  }
  @OnMessage('plain', {validate: false}) plain(body: Plain) {
    return seen(body)
  }
  @OnMessage('raw') raw(@Body() body: unknown) {
    return seen(body as object)
  }
  @OnMessage('both') both(body: Order, @Body() raw: {type: string}) {
    return [body.name, raw.type]
  }
  @OnMessage('none') none() {
    return seen({})
  }
  @OnMessage('end') end() {}
}

const functional = ({ws}: Candy) => {
  ws.on('order', Order, seen)
  ws.on('marked', Order, body => ({candy: true, ...seen(body)}))
  ws.on('whole', Whole, seen)
  ws.on('traced', Traced, seen)
  ws.on('slow', Slow, seen)
  ws.on('grouped', Grouped, seen, {groups: ['create']})
  ws.on('plain', Plain, seen, {validate: false})
  ws.on('raw', Object, seen)
  ws.on('end', Object, () => undefined)
}

/** As a compiler without metadata leaves it. */
class Bare {
  order(body: Order) {
    return seen(body)
  }
  end() {}
}
OnMessage('order', {body: Order})(Bare.prototype, 'order', {})
OnMessage('plain', {body: Plain, validate: false})(Bare.prototype, 'order', {})
OnMessage('raw', {args: [Body()]})(Bare.prototype, 'order', {})
OnMessage('end', {args: []})(Bare.prototype, 'end', {})
Token(false)(Bare)
WsRoute('/bare')(Bare)
Reflect.deleteMetadata('design:paramtypes', Bare.prototype, 'order')

async function open(options: AppOptions & {route?: object} = {}) {
  calls.length = 0
  const served = await serve({'/function': functional}, {controllers: [Controller, Bare], ...options})
  return {...served, to: (path: string) => served.connect(path)}
}

const both = ['/class', '/function']
const refused = (ref: unknown, ...details: unknown[]) => [
  {type: 'error', ...(ref !== undefined && {ref}), code: 'VALIDATION', message: text, details},
]

describe('5. Validation', () => {
  it.each([...both, '/bare'])(
    'gives the handler an instance of its class, without type and ref: %s',
    async path => {
      const {to} = await open()
      expect(await ask(await to(path), {type: 'order', name: 'ab', count: 2, ref: 1})).toEqual([
        {type: 'reply', ref: 1, data: {is: 'Order', name: 'ab', count: 2}},
      ])
      expect(calls[0]).toBeInstanceOf(Order)
    },
  )

  it.each([...both, '/bare'])(
    'refuses with path, rule and message; nobody is called, nothing logged: %s',
    async path => {
      const {to, log} = await open()
      const client = await to(path)
      const order = {type: 'order', name: 7, lines: [{sku: 'a'}, {sku: 5}], ref: 'r'}
      const [frame, ...more] = (await ask(client, order)) as [{details: unknown[]}]
      expect([frame, ...more]).toMatchObject([{type: 'error', ref: 'r', code: 'VALIDATION', message: text}])
      expect(frame.details).toHaveLength(3)
      expect(frame.details).toEqual(
        expect.arrayContaining([
          {path: 'name', rule: 'isString', message: text},
          {path: 'name', rule: 'maxLength', message: text},
          {path: 'lines.1.sku', rule: 'isString', message: text},
        ]),
      )
      expect(await ask(client, {type: 'order', name: 5})).toMatchObject([{code: 'VALIDATION'}])
      expect(calls).toEqual([])
      expect(log.errors()).toEqual([])
      expect(await ask(client, {type: 'order', name: 'ok', ref: 2})).toMatchObject([{type: 'reply', ref: 2}])
    },
  )

  it.each(both)('tells the first 5 faults: %s', async path => {
    const {to} = await open()
    const lines = Array.from({length: 9}, () => ({sku: 1}))
    const [error] = (await ask(await to(path), {type: 'order', name: 'ab', lines, ref: 1})) as [
      {details: unknown[]},
    ]
    expect(error.details).toHaveLength(5)
  })

  it.each(both)('leaves type and ref to a class that declares them: %s', async path => {
    const {to} = await open()
    expect(await ask(await to(path), {type: 'whole', ref: 3})).toEqual([
      {type: 'reply', ref: 3, data: {is: 'Whole', type: 'whole', ref: 3}},
    ])
  })

  it.each(both)(
    'takes traceparent for the envelope where candy.v1 is spoken, and a field elsewhere: %s',
    async path => {
      const {connect} = await open()
      const order = {type: 'order', name: 'ab', traceparent: '00-1', ref: 1}
      const candy = await connect(path, {protocols: ['candy.v1']})
      expect(await ask(candy, order)).toMatchObject([{type: 'reply', data: {is: 'Order', name: 'ab'}}])
      expect(calls).toEqual([{name: 'ab'}])
      expect(await ask(candy, {type: 'traced', traceparent: '00-1', ref: 1})).toMatchObject([
        {data: {is: 'Traced', traceparent: '00-1'}},
      ])
      const plain = await connect(path, {protocols: []})
      expect(await ask(plain, order)).toMatchObject(
        refused(1, {path: 'traceparent', rule: 'whitelistValidation'}),
      )
    },
  )

  it.each(both)('awaits rules that take their time: %s', async path => {
    const {to} = await open()
    const client = await to(path)
    expect(await ask(client, {type: 'slow', name: 'taken', ref: 1})).toEqual(
      refused(1, {path: 'name', rule: 'isFree', message: 'name is taken'}),
    )
    expect(calls).toEqual([])
    expect(await ask(client, {type: 'slow', name: 'free', ref: 2})).toMatchObject([
      {data: {is: 'Slow', name: 'free'}},
    ])
  })

  it.each(both)('judges by the groups that are named: %s', async path => {
    const {to} = await open({whitelist: 'keep'})
    const client = await to(path)
    expect(await ask(client, {type: 'grouped', name: 5, id: 'no', ref: 1})).toMatchObject(
      refused(1, {path: 'name', rule: 'isString'}),
    )
    expect(await ask(client, {type: 'grouped', name: 'ab', id: 'no', ref: 1})).toMatchObject([
      {type: 'reply'},
    ])
  })

  it.each([...both, '/bare'])(
    'passes a body that no class judges as parsed, once its form is sound: %s',
    async path => {
      const {to} = await open()
      const client = await to(path)
      for (const type of ['plain', 'raw']) {
        expect(await ask(client, {type, name: 5, more: [], ref: 1})).toEqual([
          {type: 'reply', ref: 1, data: {is: 'Object', type, name: 5, more: [], ref: 1}},
        ])
        expect(await ask(client, `{"type":"${type}","ref":1,"a":{"constructor":1}}`)).toEqual(
          refused(1, {path: 'a', rule: 'shape', message: text}),
        )
      }
    },
  )

  it('judges the form also for a handler without a body, and gives one that takes both, both', async () => {
    const {to} = await open()
    const client = await to('/class')
    expect(await ask(client, '{"type":"none","ref":1,"prototype":1}')).toMatchObject(
      refused(1, {rule: 'shape'}),
    )
    expect(calls).toEqual([])
    expect(await ask(client, {type: 'both', name: 'ab', ref: 1})).toMatchObject([{data: ['ab', 'both']}])
  })
})

describe('5. A ref that is none', () => {
  const wrong = {path: 'ref', rule: 'shape', message: text}
  const refs = ['null', 'true', '{}', '[1]', '1e999', JSON.stringify('x'.repeat(65))]

  it.each([...both, '/bare'])(
    'is VALIDATION and not echoed, for a known type and an unknown one: %s',
    async path => {
      const {to} = await open()
      const client = await to(path)
      for (const ref of refs)
        for (const type of ['order', 'plain', 'unknown'])
          expect(await ask(client, `{"type":"${type}","name":"ab","ref":${ref}}`)).toEqual(
            refused(undefined, wrong),
          )
      expect(calls).toEqual([])
    },
  )

  it('is nobody’s business on a route that listens to everything', async () => {
    const {connect} = await serve(({ws}) => ws.on('message', data => ws.send({heard: data})))
    const client = await connect()
    client.send('{"type":"say","ref":null}')
    expect(await client.next()).toEqual({heard: {type: 'say', ref: null}})
  })
})

describe('5. Unknown fields', () => {
  const order = {type: 'order', name: 'ab', more: 1, lines: [{sku: 'a', more: 2}], ref: 1}
  const outcome = {
    refuse: {
      code: 'VALIDATION',
      details: [{path: 'more', rule: 'whitelistValidation'}, {path: 'lines.0.more'}],
    },
    strip: {type: 'reply', data: {is: 'Order', name: 'ab', lines: [{sku: 'a'}]}},
    keep: {type: 'reply', data: {is: 'Order', name: 'ab', more: 1, lines: [{sku: 'a', more: 2}]}},
  } as const

  function expectOutcome([frame]: readonly unknown[], whitelist: 'refuse' | 'strip' | 'keep') {
    if (whitelist === 'refuse') expect(frame).toMatchObject(outcome.refuse)
    else expect((frame as {data: unknown}).data).toEqual(outcome[whitelist].data)
  }

  it.each(both)('row 25: are refused by default: %s', async path => {
    const {to} = await open()
    expectOutcome(await ask(await to(path), order), 'refuse')
  })

  it.each(['refuse', 'strip', 'keep'] as const)('%s, as the app says', async whitelist => {
    for (const path of both) {
      const {to} = await open({whitelist})
      expectOutcome(await ask(await to(path), order), whitelist)
    }
  })

  it.each(['refuse', 'strip', 'keep'] as const)('%s, as the route says over the app', async whitelist => {
    @WsRoute('/own', {whitelist})
    @Token(false)
    class Own extends Controller {}
    for (const app of ['refuse', 'keep'] as const) {
      const {connect} = await serve(
        {'/function': functional},
        {controllers: [Own], whitelist: app, route: {whitelist}},
      )
      for (const path of ['/own', '/function']) {
        expectOutcome(await ask(await connect(path), order), whitelist)
      }
    }
  })
})

describe('5. The order of guards, body and method', () => {
  const order: string[] = []
  const guard = () => {
    order.push('guard')
    return true
  }
  class Ordered {
    @ValidateBy({
      name: 'noted',
      validator: {
        validate: () => {
          order.push('body')
          return true
        },
      },
    })
    name!: string
  }
  @WsRoute('/')
  @Token(false)
  class Guarded {
    @OnMessage('order') @Use(guard) take(_body: Ordered) {
      order.push('method')
    }
    @OnMessage('slow') @Use(async () => delay(1, guard())) slow(_body: Ordered) {
      order.push('method')
    }
    @OnMessage('closed') @Use(() => false) closed(_body: Order) {
      calls.push('closed')
    }
    @OnMessage('auth') @Auth() auth(_body: Order) {
      calls.push('auth')
    }
    @OnMessage('end') end() {}
  }

  it('is this one', async () => {
    const {connect} = await serve({}, {controllers: [Guarded]})
    const client = await connect()
    for (const type of ['order', 'slow']) {
      order.length = 0
      expect(await ask(client, {type, name: 1, ref: 1})).toMatchObject([{type: 'reply'}])
      expect(order).toEqual(['guard', 'body', 'method'])
    }
  })

  it('tells who may not, and not what is wrong with the body', async () => {
    calls.length = 0
    const {connect} = await serve({}, {controllers: [Guarded], auth: () => null})
    const client = await connect()
    expect(await ask(client, {type: 'closed', ref: 1})).toMatchObject([{ref: 1, code: 'FORBIDDEN'}])
    expect(await ask(client, {type: 'auth', ref: 2})).toMatchObject([{ref: 2, code: 'UNAUTHORIZED'}])
    expect(calls).toEqual([])
  })
})

describe('5. A catch-all', () => {
  @WsRoute('/dto')
  @Token(false)
  class WithDto {
    @OnMessage('end') end() {}
    @OnMessage() all(body: Order, candy: Candy) {
      candy.ws.send(seen(body))
    }
    @OnBinary() bytes(chunk: Buffer, candy: Candy) {
      candy.ws.send({bytes: chunk.length})
    }
  }
  @WsRoute('/text')
  @Token(false)
  class TextOnly {
    @OnMessage('end') end() {}
    @OnMessage() all(@Body() body: Order, candy: Candy) {
      candy.ws.send(seen(body))
    }
  }

  it('with a class has its messages judged, whatever they are', async () => {
    const {connect} = await serve({}, {controllers: [WithDto, TextOnly]})
    const client = await connect('/dto')
    expect(await ask(client, {type: 'any', name: 'ab', ref: 1})).toEqual([{is: 'Order', name: 'ab'}])
    expect(await ask(client, {name: 5, ref: 1})).toMatchObject([{ref: 1, code: 'VALIDATION'}])
    const shape = refused(undefined, {path: '', rule: 'shape', message: text})
    for (const frame of ['no json', '', '5', '[]']) expect(await ask(client, frame)).toEqual(shape)
    expect(await ask(client, Buffer.from('ab'))).toEqual([{bytes: 2}])
    expect(await ask(await connect('/text'), Buffer.from('{}'))).toEqual(shape)
  })
})
