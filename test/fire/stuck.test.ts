import {connect} from 'candy-ws/testing'
import {describe, expect, it} from 'vitest'
import {FaultProxy} from '../support/fault-proxy.js'
import {frame} from '../support/frames.js'
import {handshake, raw} from '../support/raw.js'
import {heldBy, nothing, serve} from '../support/serve.js'

const pauseDeadline = 300

/** Each message is never done, and given up after `handlerTimeout`. */
async function stuck(handlerTimeout: number) {
  const closes: number[] = []
  const limits = {handlerTimeout, pauseDeadline, pingInterval: 10_000, closeTimeout: 200} as const
  const served = await serve({limits: {...limits, messageRate: 'off', byteRate: 'off'}}, ({Route}) =>
    Route.ws(
      '/',
      ({ws}) => {
        ws.on('close', code => closes.push(code))
        ws.on('message', () => new Promise(() => undefined))
      },
      {token: false},
    ),
  )
  return {...served, closes}
}

describe.each([
  ['as long as a pause may last', pauseDeadline],
  ['a third of it', pauseDeadline / 3],
  ['three times that', 3 * pauseDeadline],
])('a peer that has gone while nobody reads, where a message is given up after %s', (_, handlerTimeout) => {
  it.each(['fin', 'reset', 'blackhole'] as const)('row 31: is let go at the deadline: %s', async way => {
    const {app, port, log, closes} = await stuck(handlerTimeout)
    const line = await FaultProxy.open(port)
    const client = await raw(line.port)
    await client.write(handshake('/')).head()
    // More than is held, so that some of it lies unread; and no ping comes in between, which would find out about the reset.
    client.write(Buffer.concat(Array.from({length: 5_000}, () => frame('x'.repeat(500)))))
    await expect.poll(() => log.lines.map(({event}) => event)).toContain('input.paused')
    const since = performance.now()
    if (way === 'fin') client.socket.end()
    if (way === 'reset') client.reset()
    if (way === 'blackhole') line.becomes('blackhole')
    await expect.poll(() => heldBy(app).sockets, {timeout: 8 * pauseDeadline}).toBe(0)
    expect(performance.now() - since).toBeLessThan(8 * pauseDeadline)
    // What listens to the close waits for the handler that is stuck.
    await expect.poll(() => heldBy(app)).toEqual(nothing)
    expect(closes).toEqual([1013])
    const told = log.lines.filter(({event}) => event === 'input.stuck')
    expect(told).toMatchObject([{level: 'warn', limit: 'pauseDeadline', route: '/'}])
  })
})

it('row 31: a peer whose messages are done in their time is not, however long the pause', async () => {
  const limits = {pauseDeadline: 1_000, handlerTimeout: 1_000, maxPending: 8, messageRate: 'off'} as const
  const {app, log} = await serve({limits}, ({Route}) =>
    Route.ws(
      '/',
      ({ws}) =>
        ws.on('say', Object, async () => {
          await new Promise(resolve => setTimeout(resolve, 20))
          return 'done'
        }),
      {token: false},
    ),
  )
  const client = await connect(app, '/', {token: false})
  const numbers = Array.from({length: 75}, (_, ref) => ref)
  const since = performance.now()
  for (const ref of numbers) client.send({type: 'say', ref})
  expect(await client.take(75)).toEqual(numbers.map(ref => ({type: 'reply', ref, data: 'done'})))
  expect(performance.now() - since).toBeGreaterThan(limits.pauseDeadline)
  expect(log.lines.map(({event}) => event)).toContain('input.paused')
  expect(log.lines.map(({event}) => event)).not.toContain('input.stuck')
})
