import {Auth, Candy, createApp, OnMessage, OnOpen, Token, User, WsRoute, type AppOptions} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {describe, expect, it, onTestFinished} from 'vitest'
import {memoryLogger} from '../support/log.js'
import {serve, signal, until} from '../support/serve-handlers.js'

async function appOf(options: AppOptions) {
  const app = await createApp({logger: memoryLogger(), ...options})
  onTestFinished(() => app.close({drain: 1_000}))
  return app
}

describe('2. After the server decided to close, no message reaches a handler', () => {
  it('also when the peer has left, and left messages behind, before the decision', async () => {
    const heard: unknown[] = []
    const held = signal()
    @WsRoute('/held')
    @Token(false)
    class Held {
      @OnOpen() async opened(candy: Candy) {
        await held.fired
        candy.ws.close(4003, 'after a second look')
      }
      @OnMessage({args: [Candy]}) any() {
        heard.push('a message')
      }
    }
    const app = await appOf({controllers: [Held]})
    const client = await connect(app, '/held')
    client.send({type: 'delete'})
    await client.close()
    await until(() => app.Route.wsServer.clientCount === 0)
    held.fire()
    await app.close()
    expect(heard).toEqual([])
  })

  it('also while a guard or a @User() is still asked', async () => {
    const heard: string[] = []
    const [asked, answer] = [signal(), signal()]
    @WsRoute('/asks')
    @Token(false)
    class Asks {
      constructor(private readonly candy: Candy) {
        void asked.fired.then(() => this.candy.ws.close())
      }
      @OnMessage('guarded') @Auth() guarded() {
        heard.push('guarded')
      }
      @OnMessage('user') user(@User() _user: unknown) {
        heard.push('user')
      }
    }
    const auth = async () => {
      asked.fire()
      await answer.fired
      return {id: 1}
    }
    const app = await appOf({controllers: [Asks], auth})
    for (const type of ['guarded', 'user']) {
      const client = await connect(app, '/asks')
      client.send({type})
      await client.closed
    }
    answer.fire()
    await app.close()
    expect(heard).toEqual([])
  })
})

describe('effects of a middleware', () => {
  it('take effect in the order in which they were asked for', async () => {
    const late = (Candy: Candy) => {
      Candy.ws.to('room').send('before the join')
      Candy.ws.join('room', 'left again')
      Candy.ws.leave('left again')
      Candy.ws.to('room').send('after the join')
    }
    const {app, connect: open} = await serve(() => undefined, {route: {use: [late]}})
    const client = await open()
    expect(await client.next()).toBe('after the join')
    expect([...app.Route.wsServer.clients.values()][0]!.rooms).toEqual(new Set(['room']))
  })

  it('setUser(null) while the app is asked stays the last word', async () => {
    const [asked, answer] = [signal(), signal()]
    const auth = async () => {
      asked.fire()
      await answer.fired
      return {id: 1}
    }
    const {connect: open} = await serve(
      async Candy => {
        const question = Candy.Auth.user()
        await asked.fired
        Candy.Auth.setUser(null)
        answer.fire()
        await question
        Candy.ws.send([Candy.ws.user, await Candy.Auth.user()])
      },
      {auth},
    )
    expect(await (await open()).next()).toEqual([null, null])
  })
})
