import {connect, type TestClient} from 'candy-ws/testing'
import {expect, it, vi} from 'vitest'
import {cookiesOf} from '../support/visitor.js'
import {Workers} from '../support/workers.js'

// A process takes long to start where many do.
vi.setConfig({testTimeout: 60_000})

const chat = {
  'route/chat.js': `Candy.Route.page('/in', Candy => {
    Candy.Auth.login({id: 1})
    return String(process.pid)
  })
  Candy.Route.auth.page('/out', Candy => {
    Candy.Auth.logout()
    return 'out'
  })
  Candy.Route.auth.ws('/chat', Candy => {
    Candy.ws.join('lobby')
    Candy.ws.on('message', ({say, bytes}) => {
      if (say === 'ready') return Candy.ws.send(process.pid)
      if (bytes) return Candy.ws.to('lobby').except(Candy.ws.id).sendBinary(Buffer.from(bytes))
      Candy.ws.to('lobby').except(Candy.ws.id).send({say})
    })
  }, {token: false})
  Candy.Route.page('/present', async () => JSON.stringify((await Candy.presence('lobby')).connections))`,
}

/** Clients of a session, one on each worker. */
async function oneOnEach(workers: Workers, cookie: string): Promise<readonly [TestClient, TestClient]> {
  const url = await workers.url()
  const byPid = new Map<unknown, TestClient>()
  while (byPid.size < 2) {
    const client = await connect(url, '/chat', {token: false, headers: {cookie}})
    client.send({say: 'ready'})
    const pid = await client.next(10_000)
    if (byPid.has(pid)) await client.close()
    else byPid.set(pid, client)
  }
  return [...byPid.values()] as [TestClient, TestClient]
}

it('workers are one app without any bus: rooms, bytes, presence and logouts reach all of them, the new ones too', async () => {
  const workers = new Workers(chat)
  const cookie = cookiesOf(await fetch(`${await workers.url()}/in`))
  const meet = async () => {
    const pair = await oneOnEach(workers, cookie)
    await expect.poll(() => workers.get('/present'), {timeout: 20_000}).toBe('2')
    return pair
  }

  const [a, b] = await meet()
  a.send({say: 'hi'})
  expect(await b.next(10_000)).toEqual({say: 'hi'})
  b.send({bytes: [0, 255, 7]})
  expect(await a.next(10_000)).toEqual(Buffer.from([0, 255, 7]))

  await workers.restart()
  expect((await Promise.all([a.closed, b.closed])).map(({code}) => code)).toEqual([1012, 1012])
  const [c, d] = await meet()
  d.send({say: 'again'})
  expect(await c.next(10_000)).toEqual({say: 'again'})

  await fetch(`${await workers.url()}/out`, {headers: {cookie}})
  expect((await Promise.all([c.closed, d.closed])).map(({code}) => code)).toEqual([4001, 4001])
})
