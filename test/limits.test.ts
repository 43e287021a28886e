import {BootError, createApp, type App, type AppOptions, type Candy, type Limits} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {appWideLimits, defaultLimits, type LimitName} from '#candy/limits.js'
import {IsOptional} from 'class-validator'
import {describe, expect, it} from 'vitest'
import {craft} from './support/frames.js'
import {ask, handshake, raw, type HeaderLines} from './support/raw.js'
import {serve, type Served} from './support/serve.js'

const names = Object.keys(defaultLimits) as LimitName[]
const isTime = (name: string) => /Timeout|Deadline|Interval|Lifetime|Every|Ttl|Spread/.test(name)

const wrong = [0, -1, 1.5, NaN, Infinity, '10', null, true, 'OFF', 2 ** 53]
/** Node's timers fire at once above 2^31 - 1. */
const tooLong = 2 ** 31

const token = false
const echo = ({ws}: Candy) => ws.on('message', data => ws.send(data))

describe('8. limits: a value that is none', () => {
  const refused = async (options: AppOptions, name: string) => {
    const boot = createApp(options)
    await expect(boot).rejects.toBeInstanceOf(BootError)
    await expect(boot).rejects.toThrow(`'${name}'`)
  }

  it.each(names)('is refused at boot: %s', async name => {
    for (const value of isTime(name) ? [...wrong, tooLong] : wrong)
      await refused({limits: {[name]: value}}, name)
  })

  const ofRoutes = names.filter(
    name => name !== 'maxBody' && !(appWideLimits as readonly string[]).includes(name),
  )
  it.each(ofRoutes)('is refused at boot, of a route: %s', async name => {
    for (const value of isTime(name) ? [...wrong, tooLong] : wrong) {
      const declare = ({Route}: App) => Route.ws('/', echo, {token, limits: {[name]: value}})
      await refused({routes: [declare as never]}, name)
    }
  })

  it('is no size above 2^31 - 1, and no time of exactly that', async () => {
    for (const name of names) await createApp({limits: {[name]: isTime(name) ? tooLong - 1 : tooLong}})
  })
})

const off = (...given: readonly LimitName[]) =>
  Object.fromEntries(given.map(name => [name, 'off'])) as Partial<Limits>

describe("8. limits: one that is 'off'", () => {
  it.each([...names.map(name => [name, off(name)] as const), ['all of them', off(...names)] as const])(
    'boots, serves and closes: %s',
    async (_, limits) => {
      const {app} = await serve({limits}, ({Route}) => Route.ws('/', echo))
      const client = await connect(app, '/')
      client.send('hello')
      expect(await client.next()).toBe('hello')
      await app.close()
      expect((await client.closed).code).toBe(1012)
    },
  )
})

class Any {
  @IsOptional() value?: unknown
}

const routes = ({Route}: App) => {
  Route.post('/', () => 'in', {token})
  Route.ws('/closes', ({ws}) => ws.close(), {token})
  Route.ws(
    '/',
    ({ws}) => {
      ws.on('any', Any, () => null)
      ws.on('join', Any, () => void ws.join(...Array.from({length: 200}, (_, n) => `room-${n}`)))
    },
    {token},
  )
}

/** Whether a message is answered as it should be. */
async function isAnswered(
  {app}: Served,
  message: unknown,
  before: readonly unknown[] = [],
): Promise<boolean> {
  const client = await connect(app, '/', {token})
  for (const other of before) client.send(other)
  await client.take(before.length)
  client.send(message)
  return client.next<{type: string}>().then(
    ({type}) => type === 'reply',
    () => false,
  )
}

/** Whether a message is that comes in so many fragments. */
async function isPutTogether({port}: Served, fragments: number): Promise<boolean> {
  const client = await raw(port)
  const first = craft({fin: false, payload: '{"type":"any","ref":1}'})
  const others = Array.from({length: fragments - 1}, (_, n) =>
    craft({opcode: 0, fin: n === fragments - 2, payload: Buffer.alloc(0)}),
  )
  client.write(Buffer.concat([handshake('/'), first, ...others]))
  const {opcode} = await client.until(() => client.frames[0])
  client.socket.destroy()
  return opcode === 1
}

const isLetIn = async ({port}: Served, query: string, headers: HeaderLines = {}) =>
  (await ask(port, handshake(`/closes?${query}`, headers))).status === 101

const listOf = <T>(count: number, one: (n: number) => T) => Array.from({length: count}, (_, n) => one(n))
const linesOf = (count: number, text: string) => Object.fromEntries(listOf(count, n => [`X-${n}`, text]))

/** Whether what is more than the default passes. */
const passes: Partial<Record<LimitName, (served: Served) => Promise<boolean>>> = {
  maxPayload: served => isAnswered(served, {type: 'any', ref: 1, value: 'x'.repeat(70_000)}),
  maxFragments: served => isPutTogether(served, 300),
  maxDepth: served => isAnswered(served, `{"type":"any","ref":1,"value":${'['.repeat(40)}${']'.repeat(40)}}`),
  maxNodes: served => isAnswered(served, {type: 'any', ref: 1, value: listOf(11_000, () => 1)}),
  maxViolations: served =>
    isAnswered(
      served,
      {type: 'any', ref: 1},
      listOf(21, () => '{'),
    ),
  maxRooms: served => isAnswered(served, {type: 'join', ref: 1}),
  maxUrl: served => isLetIn(served, 'x'.repeat(3_000)),
  maxQueryKeys: served => isLetIn(served, listOf(60, n => `k${n}`).join('&')),
  maxHeaders: served => isLetIn(served, '', linesOf(150, 'x')),
  maxHeaderSize: served => isLetIn(served, '', linesOf(10, 'x'.repeat(2_000))),
  maxProtocolHeader: served => isLetIn(served, '', {'Sec-WebSocket-Protocol': 'p'.repeat(3_000)}),
  maxBody: async ({url}) =>
    (await fetch(url, {method: 'POST', body: new URLSearchParams({a: 'x'.repeat(110_000)})})).status === 200,
}

it.each(Object.entries(passes))(
  "8. limits: what is more than the default passes where it is 'off', and only there: %s",
  async (name, pass) => {
    expect(await pass(await serve({limits: off(name as LimitName)}, routes))).toBe(true)
    expect(await pass(await serve({}, routes))).toBe(false)
  },
)
