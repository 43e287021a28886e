import {connect} from 'candy-ws/testing'
import {setTimeout as delay} from 'node:timers/promises'
import {expect, it} from 'vitest'
import {ask, handshake, raw, type Raw} from '../support/raw.js'
import {heldBy, nothing, serve, type Served} from '../support/serve.js'
import type {AppOptions} from 'candy-ws'

const token = false

function quiet(options: AppOptions): Promise<Served> {
  return serve(options, ({Route}) => Route.ws('/', () => undefined, {token}))
}

async function open(port: number, headers = {}): Promise<Raw> {
  const client = await raw(port)
  const {status} = await client.write(handshake('/', headers)).head()
  expect(status).toBe(101)
  return client
}

const opened = (port: number, count: number, headers = {}) =>
  Promise.all(Array.from({length: count}, () => open(port, headers)))

const refusal = async (port: number, headers = {}) => {
  const {status, headers: answered} = await ask(port, handshake('/', headers))
  return {status, retry: Number(answered.get('retry-after'))}
}

it('row 43: connections of one address: 429, whatever it says of itself, and none is counted when they are gone', async () => {
  const {app, port, log} = await quiet({limits: {maxPerIp: 5}})
  const spoofed = (n: number) => ({'X-Forwarded-For': `10.0.0.${n}`})
  const five = await Promise.all([1, 2, 3, 4, 5].map(n => open(port, spoofed(n))))
  const {status, retry} = await refusal(port, spoofed(6))
  expect([status, retry > 0]).toEqual([429, true])
  expect(log.lines).toContainEqual(expect.objectContaining({level: 'warn', event: 'limit.ip'}))
  for (const [n, client] of five.entries())
    if (n % 2 === 0) client.reset()
    else client.socket.end()
  await expect.poll(() => heldBy(app)).toEqual(nothing)
  for (let round = 0; round < 10; round += 1) {
    const again = await opened(port, 5)
    for (const client of again) client.socket.destroy()
    await expect.poll(() => heldBy(app)).toEqual(nothing)
  }
  await opened(port, 5)
  expect((await refusal(port)).status).toBe(429)
})

it('row 43: connections of one address behind a trusted proxy are those of whom it speaks for', async () => {
  const {port} = await quiet({limits: {maxPerIp: 2}, trustProxy: true})
  const from = (address: string) => ({'X-Forwarded-For': `1.1.1.1, ${address}`})
  await opened(port, 2, from('10.0.0.1'))
  expect((await refusal(port, from('10.0.0.1'))).status).toBe(429)
  await opened(port, 2, from('10.0.0.2'))
  // A /64 is one household.
  await opened(port, 1, from('2001:db8::1'))
  await opened(port, 1, from('2001:db8::2'))
  expect((await refusal(port, from('2001:db8::ffff:3'))).status).toBe(429)
  await opened(port, 1, from('2001:db8:0:1::1'))
})

it('row 43: connections of one user: 1008, and of another none', async () => {
  const {app, port, log} = await serve(
    {limits: {maxPerUser: 2}, auth: request => ({id: request.header('x-user')!})},
    ({Route}) => {
      Route.auth.ws('/', Candy => Candy.ws.send('in'), {token})
    },
  )
  const of = (user: string) => connect(app, '/', {token, headers: {'x-user': user}})
  const [first] = [await of('ada'), await of('ada')]
  expect(await (await of('ada')).closed).toEqual({code: 1008, reason: 'Too many connections of one user'})
  expect(await (await of('bob')).next()).toBe('in')
  expect(log.lines).toContainEqual(expect.objectContaining({event: 'limit.user'}))
  await first.close()
  await expect.poll(() => heldBy(app).connections).toBe(2)
  expect(await (await of('ada')).next()).toBe('in')
  expect(port).toBeGreaterThan(0)
})

it('row 43: connections of one user are counted until their sockets are gone, whatever is still done for them', async () => {
  const {app} = await serve({limits: {maxPerUser: 1}, auth: () => ({id: 'ada'})}, ({Route}) => {
    Route.auth.ws(
      '/',
      Candy => {
        Candy.ws.on('close', () => new Promise(() => undefined))
        Candy.ws.send('in')
      },
      {token},
    )
  })
  for (const connections of [1, 2]) {
    const client = await connect(app, '/', {token})
    expect(await client.next()).toBe('in')
    await client.close()
    await expect.poll(() => heldBy(app)).toEqual({clients: 0, connections, sockets: 0})
  }
})

it.each([
  ['in all', {maxConnections: 3}, 3, 'limit.global'],
  ['in one second', {acceptRate: 1}, 1, 'limit.accept'],
] as const)('row 43: connections %s: 503, and when to come back', async (_, limits, count, event) => {
  const {port, log} = await quiet({limits})
  await opened(port, count)
  const {status, retry} = await refusal(port)
  expect([status, retry > 0]).toEqual([503, true])
  expect(log.lines).toContainEqual(expect.objectContaining({event}))
})

it('row 43: connections in all are as many as before once they have come and gone, however they go', async () => {
  const {app, port} = await quiet({limits: {maxConnections: 6, maxPerIp: 'off', acceptRate: 'off'}})
  for (let round = 0; round < 20; round += 1) {
    const all = await opened(port, 6)
    expect((await refusal(port)).status).toBe(503)
    for (const [n, client] of all.entries())
      if (n % 3 === 0) client.reset()
      else if (n % 3 === 1) client.socket.end()
      else client.socket.destroy()
    await expect.poll(() => heldBy(app)).toEqual(nothing)
  }
  // Those who were refused in their turn, at any step, count for nothing either.
  const refused = ['/none', '/%', '/'].map(target =>
    ask(port, handshake(target, {Origin: 'http://evil.example'})),
  )
  expect((await Promise.all(refused)).map(({status}) => status)).toEqual([404, 400, 403])
  await opened(port, 6)
  expect((await refusal(port)).status).toBe(503)
})

it('row 43: connections in one second: as time goes by more are let in, as many as the rate says', async () => {
  const acceptRate = 3
  const {port} = await quiet({limits: {acceptRate}})
  const since = performance.now()
  let [admitted, refused] = [0, 0]
  while (admitted < 2 * acceptRate) {
    const client = await raw(port)
    const {status} = await client.write(handshake('/')).head()
    client.socket.destroy()
    if (status === 101) admitted += 1
    else refused += 1
    // Time is what lets the next one in.
    await delay(20)
  }
  expect(refused).toBeGreaterThan(0)
  const passed = (performance.now() - since) / 1_000
  expect(admitted).toBeLessThanOrEqual(acceptRate + acceptRate * passed)
})

it('row 43: handshakes that wait: 503, and the next one’s turn when they are through', async () => {
  let answer!: () => void
  const answered = new Promise<void>(resolve => (answer = resolve))
  const {app, port, log} = await serve({limits: {maxPendingUpgrades: 3}}, ({Route}) => {
    Route.use(() => answered.then(() => true)).ws('/', () => undefined, {token})
  })
  const waiting = Array.from({length: 3}, () => open(port))
  await expect.poll(() => heldBy(app).sockets).toBe(3)
  expect((await refusal(port)).status).toBe(503)
  expect(log.lines).toContainEqual(expect.objectContaining({event: 'upgrade.queue'}))
  answer()
  await Promise.all(waiting)
  await open(port)
})

it('row 43: handshakes that wait are counted until the app is done with them, though their clients have left', async () => {
  let asked = 0
  const answers: ((user: {id: number}) => void)[] = []
  const auth = () => {
    asked += 1
    return new Promise<{id: number}>(resolve => answers.push(resolve))
  }
  const {app, port} = await serve({limits: {maxPendingUpgrades: 3}, auth}, ({Route}) => {
    Route.auth.ws('/', () => undefined, {token})
  })
  for (const count of [1, 2, 3]) {
    const client = await raw(port)
    client.write(handshake('/'))
    await expect.poll(() => asked).toBe(count)
    client.reset()
    await expect.poll(() => heldBy(app)).toEqual(nothing)
  }
  expect((await refusal(port)).status).toBe(503)
  for (const answer of answers.splice(0)) answer({id: 1})
  const next = open(port)
  await expect.poll(() => asked).toBe(4)
  answers[0]!({id: 1})
  await next
})
