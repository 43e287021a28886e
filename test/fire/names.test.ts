import type {Candy} from 'candy-ws'
import {IsOptional} from 'class-validator'
import * as fc from 'fast-check'
import {expect, it} from 'vitest'
import {ask, handshake} from '../support/raw.js'
import {serve} from '../support/serve-handlers.js'

const unbounded = {messageRate: 'off', byteRate: 'off', maxViolations: 'off'} as const

/** Names that lead to a prototype. */
const reserved = ['__proto__', 'constructor', 'prototype']

it.each([...reserved, 'toString', 'hasOwnProperty'])(
  'row 24: %s is a name like any other, or refused, wherever it stands',
  async name => {
    const seen: unknown[] = []
    const {app, connect, url} = await serve(
      {
        '/room/{id}': ({ws, Request}: Candy) => {
          const {url: params, get} = Request.data
          seen.push(params.id, get[name], Request.cookie(name), Object.getPrototypeOf(params))
          ws.join(name)
          ws.to(name).send([...ws.rooms])
          ws.on('say', Object, () => 'taken')
        },
      },
      {limits: unbounded},
    )
    const client = await connect(`/room/${name}?${name}=polluted`, {headers: {cookie: `${name}=polluted`}})
    expect(await client.next()).toEqual([name])
    expect(seen.slice(0, 3)).toEqual([name, 'polluted', 'polluted'])
    for (const message of [`{"type":"${name}","ref":1}`, `{"type":"say","ref":1,"${name}":{"polluted":1}}`]) {
      client.send(message)
      const answer = await client.next<{code?: string; data?: unknown}>()
      const harmless = ['toString', 'hasOwnProperty'].includes(name) && message.includes('say')
      if (harmless) expect(answer.data).toBe('taken')
      else expect(answer.code).toMatch(/^(UNKNOWN_TYPE|VALIDATION)$/)
    }
    const port = Number(new URL(url).port)
    expect((await ask(port, handshake(`/${name}/${name}`))).status).toBe(404)
    expect(({} as {polluted?: unknown}).polluted).toBeUndefined()
    expect(app.Route.wsServer.clientCount).toBe(1)
  },
)

/** Names that mean something to JavaScript, and names that mean nothing to anybody. */
const anyName = fc
  .oneof(
    fc.constantFrom(
      ...reserved,
      'toString',
      'valueOf',
      'hasOwnProperty',
      '__defineGetter__',
      'length',
      'then',
    ),
    fc.string({unit: 'grapheme', minLength: 1, maxLength: 5}),
  )
  // Those mean something here, or are no part of a path.
  .filter(text => !/^(?:\.{0,2}|type|ref|plain|kept)$|[/\\]/.test(text))

interface Named {
  readonly name: string
  readonly value: Tree
}
type Tree = string | readonly Tree[] | {readonly fields: readonly Named[]}

/** What JSON may hold. As fields, since an object of this language has no field `__proto__`. */
const {tree} = fc.letrec<{tree: Tree}>(tie => ({
  tree: fc.oneof(
    {depthSize: 'medium', maxDepth: 6},
    fc.constant('polluted'),
    fc.array(tie('tree'), {maxLength: 2}),
    fc.record({
      fields: fc.uniqueArray(fc.record({name: anyName, value: tie('tree')}), {
        selector: ({name}) => name,
        maxLength: 3,
      }),
    }),
  ),
}))

function json(value: Tree): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (!('fields' in value)) return `[${value.map(json).join()}]`
  return `{${value.fields.map(({name, value: of}) => `${JSON.stringify(name)}:${json(of)}`).join()}}`
}

function isHostile(value: Tree): boolean {
  if (typeof value === 'string') return false
  if (!('fields' in value)) return value.some(isHostile)
  return value.fields.some(({name, value: of}) => reserved.includes(name) || isHostile(of))
}

class Kept {
  @IsOptional() data?: unknown
}

/** What every object and list inherits. */
const inherited = () =>
  [Object, Array, Function, String, Kept].flatMap(({prototype}) => Reflect.ownKeys(prototype)).map(String)

it('row 24: names and values of any kind, at any depth, change nothing but what they are in', async () => {
  const before = inherited()
  const {app, connect} = await serve(
    {
      '/room/{id}': ({ws, Request}: Candy) => {
        const {url, get} = Request.data
        const id = url.id!
        ws.join(id)
        ws.to(id).send({id, query: get[id], cookie: Request.cookie(id), rooms: [...ws.rooms]})
        const answer = (message: object) => [Object.getPrototypeOf(message) as unknown, 'polluted' in message]
        ws.on('plain', Object, message => answer(message)[1])
        ws.on('kept', Kept, message => [answer(message)[0] === Kept.prototype, answer(message)[1]])
      },
    },
    {limits: unbounded, route: {whitelist: 'keep'}},
  )
  const property = fc.asyncProperty(anyName, anyName, tree, async (name, field, value) => {
    const id = encodeURIComponent(name)
    const isToken = /^[\w!#$%&'*+.^`|~-]+$/.test(name)
    const client = await connect(`/room/${id}?${id}=polluted`, {
      headers: isToken ? {cookie: `${name}=polluted`} : {},
    })
    const cookie = isToken ? {cookie: 'polluted'} : {}
    expect(await client.next()).toEqual({id: name, query: 'polluted', ...cookie, rooms: [name]})
    const fields = [{name: field, value}]
    for (const [type, reply] of [
      ['plain', field === 'polluted'],
      ['kept', [true, field === 'polluted']],
    ] as const) {
      client.send(`{"type":"${type}","ref":1,${json({fields}).slice(1)}`)
      const refused = {type: 'error', ref: 1, code: 'VALIDATION', details: [{rule: 'shape'}]}
      expect(await client.next()).toMatchObject(
        isHostile({fields}) ? refused : {type: 'reply', ref: 1, data: reply},
      )
    }
    client.send(`{"type":${JSON.stringify(name)},"ref":1}`)
    expect(await client.next()).toMatchObject({code: 'UNKNOWN_TYPE'})
    await client.close()
    expect(inherited()).toEqual(before)
  })
  await fc.assert(property, {numRuns: 100})
  expect(({} as {polluted?: unknown}).polluted).toBeUndefined()
  await expect.poll(() => app.Route.wsServer.clientCount).toBe(0)
})
