import {
  Auth,
  Body,
  Candy,
  createApp,
  injectable,
  OnBinary,
  OnError,
  OnMessage,
  OnOpen,
  Param,
  Query,
  Token,
  User,
  WsRoute,
  type App,
} from 'candy-ws'
import {connect, type TestClient} from 'candy-ws/testing'
import {afterEach, describe, expect, it} from 'vitest'

let app: App
afterEach(() => app.close())

/** No rules and no metadata: only the options say that it is the body. */
class Say {
  text!: string
}

@injectable()
class Clock {
  readonly zone = 'UTC'
}

async function ask(client: TestClient, message: object): Promise<unknown> {
  client.send({...message, ref: 1})
  return (await client.next<{data: unknown}>()).data
}

describe('the options of a decorator say what a compiler did not', () => {
  /** As a compiler without metadata leaves it. */
  class Bare {
    constructor(
      readonly candy: Candy,
      readonly clock: Clock,
    ) {}
    opened(id: string, as: string | undefined, candy: Candy) {
      candy.ws.send({id, as: as ?? null, same: candy === this.candy, zone: this.clock.zone})
    }
    say(message: Say, candy: Candy) {
      return [message.text, candy === this.candy]
    }
    late(candy: Candy, message: Say) {
      return [message.text, candy === this.candy]
    }
    whole(message: {n: number}, user: {id: string}) {
      return [message.n, user.id]
    }
    bytes(chunk: Buffer) {
      this.candy.ws.send([...chunk])
    }
    failed(error: Error) {
      this.candy.ws.send({failed: error.message})
    }
    boom() {
      throw new Error('no')
    }
  }
  const method = (name: keyof Bare, decorate: MethodDecorator) => decorate(Bare.prototype, name, {})
  method('opened', OnOpen({args: [Param('id'), Query('as'), Candy]}))
  method('say', OnMessage('say', {body: Say, args: [Candy], validate: false}))
  method('late', OnMessage('late', {body: Say, args: [Candy, Say], validate: false}))
  method('whole', OnMessage('whole', {args: [Body(), User()]}))
  method('bytes', OnBinary({args: [Body()]}))
  method('failed', OnError({args: [Error]}))
  method('boom', OnMessage('boom', {args: []}))
  Token(false)(Bare)
  Auth()(Bare)
  WsRoute('/bare/<id>', {inject: [Candy, Clock]})(Bare)

  it('for constructor, bodies and arguments', async () => {
    Reflect.deleteMetadata('design:paramtypes', Bare)
    app = await createApp({controllers: [Bare], auth: () => ({id: 'ada'})})
    const client = await connect(app, '/bare/7')
    expect(await client.next()).toEqual({id: '7', as: null, same: true, zone: 'UTC'})
    expect(await ask(client, {type: 'say', text: 'hi'})).toEqual(['hi', true])
    expect(await ask(client, {type: 'late', text: 'ho'})).toEqual(['ho', true])
    expect(await ask(client, {type: 'whole', n: 3})).toEqual([3, 'ada'])
    client.send(Buffer.from([9]))
    expect(await client.next()).toEqual([9])
    client.send({type: 'boom'})
    expect(await client.take(2)).toContainEqual({failed: 'no'})
  })
})
