import {connect, type TestClient} from 'candy-ws/testing'
import type {App} from 'candy-ws'
import {beforeEach, describe, expect, it} from 'vitest'
import {appFolder, loadApp} from '../support/app-folder.js'

const files = {
  'package.json': {type: 'module'},
  'controllers/room.ts': `import {Candy, OnMessage, OnOpen, Param, singleton, Token, WsRoute} from 'candy-ws'

@singleton()
export class Visits {
  count = 0
}

@WsRoute('/room/<id>')
@Token(false)
export class RoomController {
  constructor(private readonly candy: Candy, private readonly visits: Visits) {}

  @OnOpen()
  opened(@Param('id') id: string) {
    this.candy.ws.join(id)
    this.visits.count += 1
  }

  @OnMessage('visits')
  say() {
    return this.visits.count
  }
}

@WsRoute('/shared', {scope: 'singleton'})
@Token(false)
export class SharedController {
  count = 0

  @OnMessage('count')
  next() {
    return ++this.count
  }
}
`,
  'web/package.json': {type: 'commonjs'},
  'web/middleware/once.js': `let entered = 0\nmodule.exports = () => ++entered === 1\n`,
  'web/route/websocket.js': `let visits = 0
Candy.Route.ws('/lobby', Candy => {
  Candy.ws.join('lobby')
  Candy.ws.send({visits: ++visits})
  Candy.ws.on('message', data => Candy.ws[data.how](data))
}, {token: false})
Candy.Route.use('once').ws('/once', Candy => Candy.ws.send('in'), {token: false})
`,
  'web/route/exported.js': `module.exports = root => {
  root.Route.ws('/count', Candy => Candy.ws.send({count: root.Route.wsServer.clientCount}), {token: false})
}
`,
}

let a: App
let b: App
beforeEach(async () => {
  const dir = appFolder(files)
  ;[a, b] = await Promise.all([loadApp(dir), loadApp(dir)])
})

const free = {token: false}

async function ask(client: TestClient, type: string): Promise<unknown> {
  client.send({type, ref: 1})
  return (await client.next<{data: unknown}>()).data
}

describe('two apps on the same folder in one process', () => {
  it('both have all routes, equal but for their handlers', () => {
    expect(a.routes().map(route => [route.path, route.source])).toEqual([
      ['/room/{id}', 'controllers/room.ts:8'],
      ['/shared', 'controllers/room.ts:25'],
      ['/count', 'web/route/exported.js:2'],
      ['/lobby', 'web/route/websocket.js:2'],
      ['/once', 'web/route/websocket.js:7'],
    ])
    expect(JSON.stringify(b.routes())).toBe(JSON.stringify(a.routes()))
  })

  it('rooms, broadcasts and wsServer stay within their app', async () => {
    const [ofA, otherOfA, ofB] = [
      await connect(a, '/room/lobby', free),
      await connect(a, '/room/lobby', free),
      await connect(b, '/room/lobby', free),
    ]
    a.Route.wsServer.toRoom('lobby', 'room of a')
    a.Route.wsServer.broadcast('all of a')
    b.Route.wsServer.toRoom('lobby', 'room of b')
    expect(await ofA.take(2)).toEqual(['room of a', 'all of a'])
    expect(await otherOfA.take(2)).toEqual(['room of a', 'all of a'])
    expect(await ofB.next()).toBe('room of b')
    expect([a.Route.wsServer.clientCount, b.Route.wsServer.clientCount]).toEqual([2, 1])
    const count = await connect(b, '/count', free)
    expect(await count.next()).toEqual({count: 2})
  })

  it('a connection of one broadcasts to none of the other', async () => {
    const [sender, ofA, ofB] = [
      await connect(a, '/lobby', free),
      await connect(a, '/lobby', free),
      await connect(b, '/lobby', free),
    ]
    sender.send({how: 'broadcast'})
    expect(await ofA.take(2)).toEqual([{visits: 2}, {how: 'broadcast'}])
    b.Route.wsServer.broadcast('end')
    expect(await ofB.take(2)).toEqual([{visits: 1}, 'end'])
  })

  it('each evaluates the route and middleware files for itself', async () => {
    for (const app of [a, b]) {
      expect(await (await connect(app, '/lobby', free)).next()).toEqual({visits: 1})
      expect(await (await connect(app, '/once', free)).next()).toBe('in')
      expect((await (await connect(app, '/once', free)).closed).code).toBe(4003)
    }
  })

  it('each has its own singletons', async () => {
    const first = await connect(a, '/room/x', free)
    expect(await ask(first, 'visits')).toBe(1)
    expect(await ask(await connect(a, '/room/x', free), 'visits')).toBe(2)
    expect(await ask(await connect(b, '/room/x', free), 'visits')).toBe(1)
    expect(await ask(await connect(a, '/shared', free), 'count')).toBe(1)
    expect(await ask(await connect(a, '/shared', free), 'count')).toBe(2)
    expect(await ask(await connect(b, '/shared', free), 'count')).toBe(1)
  })

  it('a route added to one is not in the other, and closing one leaves the other', async () => {
    a.Route.ws('/new', Candy => Candy.ws.send('new'), free)
    expect(await (await connect(a, '/new', free)).next()).toBe('new')
    await expect(connect(b, '/new', free)).rejects.toMatchObject({status: 404})

    const client = await connect(b, '/lobby', free)
    await a.close()
    expect(await client.next()).toEqual({visits: 1})
    expect(await (await connect(b, '/lobby', free)).next()).toEqual({visits: 2})
  })
})
