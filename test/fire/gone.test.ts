import type {Candy} from 'candy-ws'
import {expect, it} from 'vitest'
import {ask, handshake, raw} from '../support/raw.js'
import {heldBy, nothing, serve} from '../support/serve.js'
import {serve as serveHandlers, signal} from '../support/serve-handlers.js'

it('row 40: an authentication that never answers is 503 in time, and what it says later is nobody’s', async () => {
  const late = signal<{id: number}>()
  const signals: AbortSignal[] = []
  let opened = 0
  const {app, port, log} = await serve({auth: () => late.fired, limits: {upgradeTimeout: 100}}, ({Route}) => {
    Route.use(Candy => void signals.push(Candy.signal)).auth.ws('/x', () => void (opened += 1), {
      token: false,
    })
    Route.use(async Candy => {
      signals.push(Candy.signal)
      await late.fired
    }).ws('/slow', () => void (opened += 1), {token: false})
  })
  const begun = performance.now()
  const asked = ['/x', '/slow'].map(path => ask(port, handshake(path)))
  expect((await Promise.all(asked)).map(({status}) => status)).toEqual([503, 503])
  expect(performance.now() - begun).toBeGreaterThan(95)
  // Many times as much, as others use the machine too.
  expect(performance.now() - begun).toBeLessThan(3_000)
  const told = log.lines.filter(({event}) => event === 'auth.timeout')
  expect(told.map(({level, route}) => `${level} ${String(route)}`).toSorted()).toEqual([
    'warn /slow',
    'warn /x',
  ])
  await expect.poll(() => heldBy(app)).toEqual(nothing)
  // Of the one that got as far as its middleware; `auth` is given a request, which has none.
  expect(signals.map(({aborted}) => aborted)).toEqual([true])
  late.fire({id: 1})
  await new Promise(resolve => setImmediate(resolve))
  expect([opened, heldBy(app), log.errors()]).toEqual([0, nothing, []])
})

it('row 40: nobody waits for a verdict on who has left', async () => {
  const asked = signal<AbortSignal>()
  const {app, port} = await serve({}, ({Route}) => {
    Route.use(async Candy => {
      asked.fire(Candy.signal)
      await new Promise(() => undefined)
    }).ws('/x', () => undefined, {token: false})
  })
  const client = await raw(port)
  client.write(handshake('/x'))
  const left = await asked.fired
  expect(left.aborted).toBe(false)
  client.reset()
  await expect.poll(() => [left.aborted, heldBy(app)]).toEqual([true, nothing])
})

it('row 49: what is said to who has gone is refused, a hundred thousand times, and kept nowhere', async () => {
  const accepted = signal<Candy>()
  const {connect} = await serveHandlers(Candy => accepted.fire(Candy))
  const client = await connect()
  const {ws} = await accepted.fired
  const over = new Promise(resolve => ws.on('close', resolve))
  await client.close()
  await over
  let accepts = 0
  const say = async (times: number) => {
    for (let n = 0; n < times; n += 1) {
      if (ws.send({n, text: 'x'.repeat(100)})) accepts += 1
      ws.join(`room ${n}`)
      ws.to(`room ${n}`).send(n)
    }
    // What is told in one turn is gone with it.
    await new Promise(resolve => setImmediate(resolve))
    globalThis.gc!()
    const {heapUsed, external} = process.memoryUsage()
    return heapUsed + external
  }
  // What node and the compiler keep, they have after that.
  await say(50_000)
  const before = await say(50_000)
  const after = await say(100_000)
  expect(accepts).toBe(0)
  expect(after - before).toBeLessThan(1_024 * 1_024)
})

it('row 48: what is longer than may ever wait is a RangeError where it is sent, and everybody lives', async () => {
  const long = 'x'.repeat(128 * 1_024 * 1_024)
  const thrown: unknown[] = []
  const attempt = (call: () => unknown) => {
    try {
      call()
    } catch (error) {
      thrown.push(error)
    }
  }
  const {connect, log} = await serveHandlers(({ws, Route}) => {
    ws.join('room')
    attempt(() => ws.send(long))
    attempt(() => ws.send({long}))
    attempt(() => ws.to('room').send(long))
    attempt(() => Route.wsServer.toRoom('room', long))
    attempt(() => Route.wsServer.broadcast(long))
    ws.send('still open')
  })
  const client = await connect()
  expect(await client.next()).toBe('still open')
  expect(thrown.map(error => error instanceof RangeError)).toEqual([true, true, true, true, true])
  expect(log.errors()).toEqual([])
})
