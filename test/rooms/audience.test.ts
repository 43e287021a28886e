import type {Candy, WsClient} from 'candy-ws'
import type {TestClient} from 'candy-ws/testing'
import {describe, expect, it} from 'vitest'
import {serve, signal, until} from '../support/serve-handlers.js'

/** Three clients: a in `red`, b in `red` and `blue`, c in `blue`; and the server's end of each. */
async function three() {
  const joined = {a: signal<Candy>(), b: signal<Candy>(), c: signal<Candy>()}
  const rooms = {a: ['red'], b: ['red', 'blue'], c: ['blue']}
  const {app, connect} = await serve({
    '/{name}': Candy => {
      const name = Candy.Request.data.url.name as 'a' | 'b' | 'c'
      Candy.ws.join(...rooms[name])
      joined[name].fire(Candy)
    },
  })
  const clients = {a: await connect('/a'), b: await connect('/b'), c: await connect('/c')}
  const ends = {a: await joined.a.fired, b: await joined.b.fired, c: await joined.c.fired}
  return {app, clients, ends}
}

/** What comes before the end mark. */
const untilEnd = async (client: TestClient) => {
  const messages: unknown[] = []
  for (let next = await client.next(); next !== 'end'; next = await client.next()) messages.push(next)
  return messages
}

/** What each got before the end mark that goes to everyone. */
async function heard({app, clients}: Awaited<ReturnType<typeof three>>) {
  app.Route.wsServer.broadcast('end')
  return {a: await untilEnd(clients.a), b: await untilEnd(clients.b), c: await untilEnd(clients.c)}
}

describe('3. Candy.ws.to', () => {
  it('reaches everyone in the room, the sender too', async () => {
    const all = await three()
    all.ends.a.ws.to('red').send({n: 1})
    expect(await heard(all)).toEqual({a: [{n: 1}], b: [{n: 1}], c: []})
  })

  it('reaches everyone in any of the rooms, once each', async () => {
    const all = await three()
    all.ends.a.ws.to('red', 'blue', 'red', 'empty').send('x')
    expect(await heard(all)).toEqual({a: ['x'], b: ['x'], c: ['x']})
  })

  it('reaches a room the sender is not in', async () => {
    const all = await three()
    all.ends.a.ws.to('blue').send('x')
    expect(await heard(all)).toEqual({a: [], b: ['x'], c: ['x']})
  })

  it('leaves out rooms and ids named by except, whose calls add up', async () => {
    const all = await three()
    const {ws} = all.ends.a
    ws.to('red', 'blue').except(ws.id).send('not me')
    ws.to('red', 'blue').except('blue').send('not blue')
    ws.to('red', 'blue').except(ws.id).except(all.ends.c.ws.id).send('only b')
    ws.to('red', 'blue').except(ws.id, 'blue', 'unknown').send('nobody')
    expect(await heard(all)).toEqual({
      a: ['not blue'],
      b: ['not me', 'only b'],
      c: ['not me'],
    })
  })

  it('may be kept: except gives another audience', async () => {
    const all = await three()
    const red = all.ends.a.ws.to('red')
    red.except(all.ends.a.ws.id)
    red.send('x')
    expect(await heard(all)).toEqual({a: ['x'], b: ['x'], c: []})
  })

  it('sends binary frames, and every form that send takes', async () => {
    const all = await three()
    const red = all.ends.c.ws.to('red')
    red.sendBinary(new Uint8Array([1, 2]))
    red.send(Buffer.from([3]))
    red.send('text', {volatile: true, latest: 'key'})
    red.send(null)
    const expected = [Buffer.from([1, 2]), Buffer.from([3]), 'text', null]
    expect(await heard(all)).toEqual({a: expected, b: expected, c: []})
  })

  it('returns nothing, as broadcast and toRoom', async () => {
    const all = await three()
    const {ws} = all.ends.a
    const results: unknown[] = [
      ws.to('red').send(1),
      ws.broadcast(1),
      all.app.Route.wsServer.toRoom('red', 1),
    ]
    expect(results).toEqual([undefined, undefined, undefined])
  })

  it('goes out before what the sender sends next, and after what it sent before', async () => {
    const all = await three()
    const {ws} = all.ends.a
    ws.send(1)
    ws.to('red').send(2)
    ws.send(3)
    expect((await heard(all)).a).toEqual([1, 2, 3])
  })
})

describe('3. Candy.ws.broadcast', () => {
  it('reaches every connection of the app but this one', async () => {
    const all = await three()
    all.ends.b.ws.broadcast({hello: 'all'}, {volatile: true})
    expect(await heard(all)).toEqual({a: [{hello: 'all'}], b: [], c: [{hello: 'all'}]})
  })
})

describe('3. Candy.Route.wsServer', () => {
  it('knows the clients by id and counts them', async () => {
    const {app, clients, ends} = await three()
    const {wsServer} = app.Route
    expect(ends.a.Route.wsServer).toBe(wsServer)
    expect(wsServer.clientCount).toBe(3)
    const ids = Object.values(ends).map(({ws}) => ws.id)
    expect([...wsServer.clients.keys()]).toEqual(ids)
    wsServer.clients.get(ends.c.ws.id)!.send('hello c')
    expect(await clients.c.next()).toBe('hello c')
    wsServer.clients.get(ends.c.ws.id)!.close(4000)
    await until(() => wsServer.clientCount === 2)
    expect([...wsServer.clients.values()].map((client: WsClient) => client.id)).toEqual(ids.slice(0, 2))
  })

  it('sends to a room, to several with except, and to all, from anywhere', async () => {
    const all = await three()
    const {wsServer} = all.app.Route
    wsServer.toRoom('red', 1)
    wsServer.to('red', 'blue').except(all.ends.a.ws.id).send(2)
    wsServer.to('blue').sendBinary(Buffer.from([3]))
    wsServer.broadcast(4, {volatile: true})
    expect(await heard(all)).toEqual({
      a: [1, 4],
      b: [1, 2, Buffer.from([3]), 4],
      c: [2, Buffer.from([3]), 4],
    })
  })

  it('sends to nobody in a room that is empty', async () => {
    const all = await three()
    all.app.Route.wsServer.toRoom('empty', 1)
    expect(await heard(all)).toEqual({a: [], b: [], c: []})
  })
})

const early = ({ws, Route}: Candy) => {
  expect([ws.readyState, Route.wsServer.clientCount]).toEqual([0, 1])
  expect(ws.send('first')).toBe(true)
  ws.join('room')
  ws.to('room').send('second')
  ws.broadcast('news')
}

describe('2. In a middleware', () => {
  it('what is sent, joined or broadcast takes effect once accepted, in order, before the handler', async () => {
    const {app, connect} = await serve(
      {'/plain': () => undefined, '/guarded': Candy => void Candy.ws.send('handler')},
      {},
    )
    app.Route.use(early).ws('/late', Candy => void Candy.ws.send('handler'), {token: false})
    const plain = await connect('/plain')
    const client = await connect('/late')
    expect(await client.take(3)).toEqual(['first', 'second', 'handler'])
    expect(await plain.next()).toBe('news')
  })
})
