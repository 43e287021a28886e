import {Candy, createApp, injectable, OnMessage, singleton, Token, WsRoute, WsServer} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {describe, expect, it, onTestFinished} from 'vitest'

@singleton()
class Notifier {
  constructor(readonly server: WsServer) {}
}

@injectable()
@WsRoute('/notify')
@Token(false)
class Notify {
  constructor(private readonly notifier: Notifier) {}
  @OnMessage('all') all(candy: Candy, server: WsServer) {
    this.notifier.server.broadcast({type: 'news'})
    return [server === this.notifier.server, server === candy.Route.wsServer, server.clientCount]
  }
}

describe('3. Candy.Route.wsServer', () => {
  it('is injectable, by constructor and by parameter, and is the same one everywhere', async () => {
    const app = await createApp({controllers: [Notify]})
    onTestFinished(() => app.close())
    const [a, b] = [await connect(app, '/notify'), await connect(app, '/notify')]
    a.send({type: 'all', ref: 1})
    expect(await b.next()).toEqual({type: 'news'})
    expect(await a.take(2)).toEqual([{type: 'news'}, {type: 'reply', ref: 1, data: [true, true, 2]}])
    expect([...app.Route.wsServer.clients.keys()]).toHaveLength(2)
  })
})
