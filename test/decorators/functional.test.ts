import {BootError, createApp, type Candy, type CandyRoot} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {IsString} from 'class-validator'
import {describe, expect, it} from 'vitest'
import type {PageData} from '#candy/describe/description.js'
import {serve} from '../support/serve.js'

class Say {
  @IsString({always: true})
  text!: string
}

class Said {
  @IsString()
  text!: string

  @IsString()
  from!: string
}

class NoRules {
  text!: string
}

const options = {
  token: false,
  takes: {say: {body: Say, reply: Said}, move: Say, any: {}},
  emits: {said: Said},
}

function lounge(handler: (candy: Candy) => unknown) {
  return serve({}, ({Route}) => Route.ws('/lounge', handler, options))
}

/** The faults of one route with these options. */
async function faultsOf(given: object) {
  const routes = [({Route}: CandyRoot) => Route.ws('/lounge', () => undefined, given)]
  const error = await createApp({routes}).catch((thrown: unknown) => thrown)
  return (error as BootError).problems.map(({code, message}) => `${code}: ${message}`)
}

describe('a functional route that says what it takes and sends', () => {
  it('is documented before anybody connects', async () => {
    const {url} = await lounge(() => undefined)
    const {routes} = (await (await fetch(`${url}/_candy/app.json`)).json()) as PageData
    const typed = {form: 'typed', auth: false, use: []}
    expect(routes[0]!.messages).toEqual({
      takes: [
        {...typed, type: 'say', body: {is: 'class', schema: 'Say'}, reply: {is: 'class', schema: 'Said'}},
        {...typed, type: 'move', body: {is: 'class', schema: 'Say'}, reply: {is: 'anything'}},
        {...typed, type: 'any', body: {is: 'anything'}, reply: {is: 'anything'}},
      ],
      sends: [{type: 'said', body: {is: 'class', schema: 'Said'}}],
    })
  })

  it('stands in the table as without it', async () => {
    const {app} = await serve({}, ({Route}) => {
      Route.ws('/a', function talk() {}, options)
      Route.ws('/b', function talk() {}, {token: false})
    })
    const [a, b] = app
      .routes()
      .map(({kind, options: rest, token, handler: {name}}) => ({kind, rest, token, name}))
    expect(a).toEqual({kind: 'ws', rest: {}, token: false, name: 'talk'})
    expect(a).toEqual(b)
  })

  it('takes these messages, and answers as it says', async () => {
    const {app} = await lounge(({ws}) => {
      ws.on('say', Say, ({text}) => (text === 'odd' ? {text} : {text, from: 'me'}))
    })
    const client = await connect(app, '/lounge')
    client.send({type: 'say', text: 'hi', ref: 1})
    expect(await client.next()).toEqual({type: 'reply', ref: 1, data: {text: 'hi', from: 'me'}})
    client.send({type: 'say', text: 'odd', ref: 2})
    expect(await client.next()).toMatchObject({type: 'error', ref: 2, code: 'INTERNAL'})
  })

  it('sends these messages as it says', async () => {
    const {app} = await lounge(({ws}) => {
      expect(() => ws.send({type: 'said', text: 'hi'})).toThrow(
        "what /lounge sends as 'said' is no Said: from (isString)",
      )
      ws.send({type: 'said', text: 'hi', from: 'me'})
    })
    expect(await (await connect(app, '/lounge')).next()).toEqual({type: 'said', text: 'hi', from: 'me'})
  })

  it.each([
    [
      'another type',
      (candy: Candy) => candy.ws.on('shout', Say, () => undefined),
      "on('shout') is not among what the route's option takes",
    ],
    [
      'another class',
      (candy: Candy) => candy.ws.on('say', Said, () => undefined),
      "on('say') has another class, Said, than the route's option takes",
    ],
    [
      'another answer',
      (candy: Candy) => candy.ws.on('say', Say, () => undefined, {reply: Say}),
      "on('say') has another reply, Say, than",
    ],
    [
      'other groups',
      (candy: Candy) => candy.ws.on('say', Say, () => undefined, {groups: ['a']}),
      "on('say') has other groups than",
    ],
  ])('cannot take %s', async (_, handler, told) => {
    const {app, log} = await lounge(handler)
    const client = await connect(app, '/lounge')
    expect(await client.closed).toMatchObject({code: 1011})
    expect(JSON.stringify(log.lines)).toContain(told)
  })

  it('leaves what it takes to on(), if it says only what it sends', async () => {
    const {app, url} = await serve({}, ({Route}) =>
      Route.ws('/lounge', ({ws}) => void ws.on('shout', Say, message => message), {
        token: false,
        emits: {said: Said},
      }),
    )
    const messages = async () =>
      ((await (await fetch(`${url}/_candy/app.json`)).json()) as PageData).routes[0]!.messages
    expect(await messages()).toBeNull()
    const client = await connect(app, '/lounge')
    client.send({type: 'shout', text: 'hi', ref: 1})
    expect(await client.next()).toMatchObject({type: 'reply', data: {text: 'hi'}})
    expect(await messages()).toMatchObject({takes: [{type: 'shout'}], sends: [{type: 'said'}]})
  })

  it('may hear any message besides', async () => {
    const {app} = await lounge(({ws}) => {
      ws.on('message', data => ws.send({heard: data}))
    })
    const client = await connect(app, '/lounge')
    client.send({type: 'other'})
    expect(await client.next()).toEqual({heard: {type: 'other'}})
  })
})

describe('what a route says of its messages', () => {
  it.each([
    [{takes: {say: NoRules}}, "NO_RULES: the message 'say' of /lounge is a NoRules"],
    [{takes: {say: {body: Say, reply: NoRules}}}, "NO_RULES: the reply to 'say' of /lounge is a NoRules"],
    [{takes: {say: 'Say'}}, "INVALID_OPTION: what the route takes as 'say' of /lounge is no class"],
    [{takes: {say: {boddy: Say}}}, "INVALID_OPTION: unknown option 'boddy' of 'say' of /lounge"],
    [{takes: {'candy.x': Say}}, "RESERVED_TYPE: 'candy.x' of /lounge is reserved"],
    [{takes: [Say]}, "INVALID_OPTION: the option 'takes' of a route is a list"],
    [{takes: new Map([['say', Say]])}, "INVALID_OPTION: the option 'takes' of a route is of type object"],
    [{emits: {said: NoRules}}, "NO_RULES: emits 'said' of /lounge is a NoRules"],
    [{emits: {said: 1}}, "INVALID_OPTION: emits 'said' of /lounge takes a type and a class"],
    [{emits: {'candy.x': Say}}, "RESERVED_TYPE: emits 'candy.x' of /lounge is reserved"],
  ])('is judged at boot: %j', async (given, fault) => {
    expect(await faultsOf(given)).toEqual([expect.stringContaining(fault)])
  })

  it('is told with all that is wrong with it', async () => {
    expect(await faultsOf({takes: {say: NoRules, 'candy.x': Say}, emits: {said: NoRules}})).toHaveLength(3)
  })
})
