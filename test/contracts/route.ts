import type {App, AppOptions} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {IsOptional, IsString} from 'class-validator'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {memoryLogger} from '../support/log.js'

/** Makes the app of this suite, its routes written one way or the other. */
export type MakeApp = (options: AppOptions) => Promise<App>

/** The class of the typed messages. */
export class Say {
  @IsOptional() @IsString() text!: string
}

const open = {token: false} as const

const auth: AppOptions['auth'] = request => {
  const user = request.header('x-user')
  return user === undefined ? null : {id: user}
}

/** What a route does, whichever way it is written. */
export function routeContract(name: string, makeApp: MakeApp): void {
  let app: App
  let log: ReturnType<typeof memoryLogger>

  beforeEach(async () => {
    log = memoryLogger()
    app = await makeApp({
      logger: log,
      auth,
      middleware: {vip: ({Request}) => Request.header('x-vip') === 'yes'},
    })
  })
  afterEach(() => app.close())

  describe(`${name}: a connection`, () => {
    it('is greeted by its handler', async () => {
      const client = await connect(app, '/welcome', open)
      expect(await client.next()).toEqual({type: 'welcome'})
    })

    it('has its path parameters, decoded, and its query', async () => {
      const client = await connect(app, '/hall/a%20b/user/%C3%A9?as=guest', open)
      expect(await client.next()).toEqual({hall: 'a b', user: 'é', as: 'guest'})
    })

    it('keeps data of its own', async () => {
      const [a, b] = [await connect(app, '/count', open), await connect(app, '/count', open)]
      a.send({type: 'add'})
      expect(await a.next()).toEqual({count: 1})
      a.send({type: 'add'})
      expect(await a.next()).toEqual({count: 2})
      b.send({type: 'add'})
      expect(await b.next()).toEqual({count: 1})
    })

    it('whose handler throws is closed with 1011, and nothing of the error leaves', async () => {
      const client = await connect(app, '/broken', open)
      expect(await client.closed).toEqual({code: 1011, reason: 'Internal error'})
      expect(client.pending).toEqual([])
      expect(log.errors()).toHaveLength(1)
      expect(log.errors()[0]).toMatchObject({route: '/broken'})
      expect(JSON.stringify(log.errors()[0])).toContain('the secret of /broken')
    })
  })

  describe(`${name}: a message`, () => {
    it('with a ref is answered with what the handler returns', async () => {
      const client = await connect(app, '/typed', open)
      client.send({type: 'say', text: 'hi', ref: 1})
      client.send({type: 'later', text: 'ho', ref: 'two'})
      client.send({type: 'nothing', ref: 0})
      expect(await client.take(3)).toEqual([
        {type: 'reply', ref: 1, data: {heard: 'hi'}},
        {type: 'reply', ref: 'two', data: {heard: 'ho'}},
        {type: 'reply', ref: 0, data: null},
      ])
    })

    it('without a ref is handled and not answered', async () => {
      const client = await connect(app, '/typed', open)
      client.send({type: 'say', text: 'hi'})
      client.send({type: 'say', text: 'ho', ref: 2})
      expect(await client.next()).toEqual({type: 'reply', ref: 2, data: {heard: 'ho'}})
    })

    it('whose handler throws gets INTERNAL, without a word of the error, and one log line', async () => {
      const client = await connect(app, '/typed', open)
      client.send({type: 'boom', ref: 3})
      expect(await client.next()).toEqual({
        type: 'error',
        ref: 3,
        code: 'INTERNAL',
        message: 'Internal error',
      })
      client.send({type: 'say', text: 'still here', ref: 4})
      expect(await client.next()).toMatchObject({ref: 4, data: {heard: 'still here'}})
      expect(log.errors()).toHaveLength(1)
      expect(JSON.stringify(log.errors()[0])).toContain('the secret of boom')
    })

    it('whose handler throws a CandyError gets just that, and no log line', async () => {
      const client = await connect(app, '/typed', open)
      client.send({type: 'full', ref: 5})
      client.send({type: 'full'})
      const frame = {type: 'error', code: 'FULL', message: 'This room takes 8', details: {max: 8}}
      expect(await client.take(2)).toEqual([{...frame, ref: 5}, frame])
      expect(log.errors()).toEqual([])
    })

    it('nobody takes is told UNKNOWN_TYPE, and text that is no JSON BAD_JSON', async () => {
      const client = await connect(app, '/typed', open)
      client.send({type: 'sya', ref: 6})
      client.send('{"type": "say"')
      expect(await client.take(2)).toMatchObject([
        {type: 'error', ref: 6, code: 'UNKNOWN_TYPE'},
        {type: 'error', code: 'BAD_JSON'},
      ])
    })

    it('of any form is heard by a route that takes them all', async () => {
      const client = await connect(app, '/all', open)
      for (const message of [{type: 'any', n: 1}, [1, 2], 'no JSON']) client.send(message)
      client.send('7')
      expect(await client.take(4)).toEqual([
        {heard: {type: 'any', n: 1}},
        {heard: [1, 2]},
        {heard: 'no JSON'},
        {heard: 7},
      ])
    })

    it('of bytes comes and goes as bytes', async () => {
      const client = await connect(app, '/binary', open)
      client.send(Buffer.from([1, 2, 3]))
      expect(await client.next()).toEqual(Buffer.from([3, 2, 1]))
    })

    it('is handled one at a time, in the order they came', async () => {
      const client = await connect(app, '/typed', open)
      client.send({type: 'later', text: 'first', ref: 1})
      client.send({type: 'say', text: 'second', ref: 2})
      expect(await client.take(2)).toMatchObject([{ref: 1}, {ref: 2}])
    })

    it('that throws is heard by the error handler, and then by no log', async () => {
      const client = await connect(app, '/errors', open)
      client.send({type: 'boom', ref: 1})
      expect(await client.take(2)).toEqual(
        expect.arrayContaining([
          expect.objectContaining({type: 'error', ref: 1, code: 'INTERNAL'}),
          {type: 'failed', message: 'the secret of boom'},
        ]),
      )
      expect(log.errors()).toEqual([])
    })
  })

  describe(`${name}: a close`, () => {
    it('by the server reaches the client with code and reason', async () => {
      const client = await connect(app, '/leaving', open)
      client.send({type: 'bye'})
      expect(await client.closed).toEqual({code: 4100, reason: 'as you wish'})
    })

    it('by the client is heard once, with code and reason, while still in the room', async () => {
      const [a, b] = [await connect(app, '/leaving', open), await connect(app, '/leaving', open)]
      expect(await a.next()).toEqual({type: 'here'})
      expect(await b.next()).toEqual({type: 'here'})
      await a.close(4200, 'tired')
      expect(await b.next()).toEqual({type: 'left', code: 4200, reason: 'tired', rooms: ['hall']})
      expect(app.Route.wsServer.clientCount).toBe(1)
    })
  })

  describe(`${name}: a room`, () => {
    it('hears what one of it says, the sender too, and no other room', async () => {
      const [a, b, c] = [
        await connect(app, '/room/7', open),
        await connect(app, '/room/7', open),
        await connect(app, '/room/8', open),
      ]
      a.send({type: 'say', text: 'hi', ref: 1})
      expect(await a.take(2)).toEqual([
        {type: 'said', text: 'hi'},
        {type: 'reply', ref: 1, data: null},
      ])
      expect(await b.next()).toEqual({type: 'said', text: 'hi'})
      c.send({type: 'say', text: 'alone', ref: 2})
      expect(await c.next()).toEqual({type: 'said', text: 'alone'})
    })
  })

  describe(`${name}: a guard`, () => {
    it('for a token closes with 4002 without one, and lets one pass', async () => {
      const without = await connect(app, '/token', {token: false})
      expect(await without.closed).toEqual({code: 4002, reason: 'Missing token'})
      const wrong = await connect(app, '/token', {token: 'nonsense'})
      expect(await wrong.closed).toEqual({code: 4002, reason: 'Invalid token'})
      expect(await (await connect(app, '/token')).next()).toEqual({type: 'welcome'})
    })

    it('for a user closes with 4001 without one, and knows who it lets pass', async () => {
      const without = await connect(app, '/secure', open)
      expect(await without.closed).toEqual({code: 4001, reason: 'Unauthorized'})
      const ada = await connect(app, '/secure', {...open, headers: {'x-user': 'ada'}})
      expect(await ada.next()).toEqual({user: {id: 'ada'}, known: {id: 'ada'}})
    })

    it('by name, by function: false is 4003, anything odd 4000, true lets pass', async () => {
      const refused = await connect(app, '/vip', open)
      expect(await refused.closed).toEqual({code: 4003, reason: 'Forbidden'})
      const odd = await connect(app, '/vip', {...open, headers: {'x-vip': 'yes', 'x-odd': 'yes'}})
      expect(await odd.closed).toEqual({code: 4000, reason: 'Middleware rejected'})
      const vip = await connect(app, '/vip', {...open, headers: {'x-vip': 'yes'}})
      expect(await vip.next()).toEqual({order: ['first', 'second']})
    })

    it('refuses before the handler runs', async () => {
      const refused = await connect(app, '/vip', open)
      await refused.closed
      expect(refused.pending).toEqual([])
      expect(app.Route.wsServer.clientCount).toBe(0)
    })
  })
}
