import {RationedLogger} from '#candy/telemetry/rationed-logger.js'
import {defaultLogger} from '#candy/telemetry/default-logger.js'
import type {App} from 'candy-ws'
import {connect, type TestClient} from 'candy-ws/testing'
import {PassThrough} from 'node:stream'
import {afterEach, beforeEach, describe, expect, it, onTestFinished, vi} from 'vitest'
import {memoryLogger} from '../support/log.js'
import {serve} from '../support/serve.js'

describe('lines that repeat', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const repeat = (times: number, say: (time: number) => void) => {
    for (let time = 0; time < times; time += 1) say(time)
  }

  it('pass twenty at once, then five in a second; how many were left out is told in one line', () => {
    const log = memoryLogger()
    const rationed = new RationedLogger(log)
    repeat(1_000, time => rationed.error({time}, 'it threw'))
    expect(log.lines.map(({time}) => time)).toEqual(Array.from({length: 20}, (_, time) => time))
    for (let second = 0; second < 9; second += 1) {
      vi.advanceTimersByTime(1_000)
      repeat(100, () => rationed.error({}, 'it threw'))
    }
    expect(log.lines).toHaveLength(20 + 9 * 5)
    vi.advanceTimersByTime(1_000)
    expect(log.lines.at(-1)).toEqual({
      level: 'error',
      message: '1835 lines like this were left out',
      like: 'it threw',
      count: 1_835,
    })
    expect(log.lines).toHaveLength(20 + 9 * 5 + 1)
  })

  it('have a ration for each phrase and level, which is full again after a while', () => {
    const log = memoryLogger()
    const rationed = new RationedLogger(log)
    repeat(50, () => rationed.error({}, 'one'))
    repeat(50, () => rationed.error({}, 'other'))
    repeat(50, () => rationed.warn({}, 'one'))
    repeat(50, () => rationed.info({}, 'one'))
    expect(log.lines).toHaveLength(80)
    vi.advanceTimersByTime(60_000)
    log.lines.length = 0
    repeat(50, () => rationed.error({}, 'one'))
    expect(log.lines).toHaveLength(20)
  })

  it('of debug are all told: who asks for it looks for something', () => {
    const log = memoryLogger()
    const rationed = new RationedLogger(log)
    repeat(1_000, () => rationed.debug({}, 'refused'))
    expect(log.lines).toHaveLength(1_000)
  })

  it('leave no timer behind once all is told', () => {
    const rationed = new RationedLogger(memoryLogger())
    expect(vi.getTimerCount()).toBe(0)
    repeat(50, () => rationed.error({}, 'it threw'))
    expect(vi.getTimerCount()).toBe(1)
    rationed.flush()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('are no way to memory: phrases beyond the few that there are share one ration', () => {
    const log = memoryLogger()
    const rationed = new RationedLogger(log)
    repeat(10_000, time => rationed.error({}, `phrase ${time}`))
    expect(log.lines).toHaveLength(256 + 20)
    rationed.flush()
    expect(log.lines.at(-1)).toMatchObject({like: 'other lines', count: 10_000 - 256 - 20})
  })
})

/** A route whose handler throws at every message but one. */
const throwing = ({Route}: App) =>
  Route.ws(
    '/',
    Candy =>
      Candy.ws.on('message', data => {
        if (data !== 'done?') throw new Error('boom')
        Candy.ws.send('done')
      }),
    {token: false, limits: {messageRate: 'off', byteRate: 'off'}},
  )

/** Sends what throws, and waits until all of it was handled. */
async function cause(errors: number, client: TestClient): Promise<void> {
  for (let caused = 0; caused < errors; caused += 500) {
    for (let one = 0; one < 500; one += 1) client.send('x')
    client.send('done?')
    await client.next(20_000)
  }
}

it('an app tells what it has left out when it ends', async () => {
  const {app, log} = await serve({}, throwing)
  await cause(500, await connect(app, '/', {token: false}))
  const told = log.errors().length
  expect(told).toBeLessThan(100)
  await app.close()
  expect(log.errors().slice(told)).toEqual([
    expect.objectContaining({message: `${500 - told} lines like this were left out`}),
  ])
})

it('100,000 errors of handlers leave the heap flat', {timeout: 60_000}, async () => {
  // With source maps, as tests run, a stack of ten calls takes longer than all the rest.
  const {stackTraceLimit} = Error
  onTestFinished(() => void (Error.stackTraceLimit = stackTraceLimit))
  Error.stackTraceLimit = 1
  const {app} = await serve({logger: defaultLogger(new PassThrough().resume())}, throwing)
  const client = await connect(app, '/', {token: false})
  const heap = () => {
    gc!()
    return process.memoryUsage().heapUsed
  }
  await cause(20_000, client)
  const before = heap()
  await cause(100_000, client)
  expect(heap() - before).toBeLessThan(1_048_576)
})
