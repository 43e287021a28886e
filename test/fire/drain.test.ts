import {once} from 'node:events'
import {connect} from 'candy-ws/testing'
import {expect, it, vi} from 'vitest'
import {appFolder} from '../support/app-folder.js'
import {candy} from '../support/cli.js'
import {frame} from '../support/frames.js'
import {handshake, raw} from '../support/raw.js'

vi.setConfig({testTimeout: 60_000})

const drainTimeout = 4_000

const app = {
  'package.json': {type: 'commonjs'},
  'candy.config.json': {
    limits: {drainTimeout, drainSpread: 1_000, maxPerIp: 'off', acceptRate: 'off', closeTimeout: 500},
  },
  'route/room.js': `Candy.Route.ws('/room', Candy => {
    Candy.ws.on('message', async () => {
      console.log('begun')
      await new Promise(done => setTimeout(done, 800))
      console.log('finished')
    })
  }, {token: false})
  Candy.Route.ws('/endless', Candy => {
    Candy.ws.on('close', () => new Promise(() => setInterval(() => {}, 1000)))
  }, {token: false})`,
}

it('row 33: SIGTERM: all are told 1012 over a while, slow handlers finish, stopped peers are cut, exit 0', async () => {
  const program = candy(['start', appFolder(app), '--port', '0'])
  const url = await program.url()
  const clients = await Promise.all(Array.from({length: 200}, () => connect(url, '/room', {token: false})))
  const stopped = await Promise.all(
    Array.from({length: 3}, async () => {
      const peer = await raw(Number(new URL(url).port), {halfOpen: true})
      await peer.write(handshake('/room')).head()
      peer.socket.pause()
      return peer
    }),
  )
  for (const client of clients.slice(0, 10)) client.send('slowly')
  await program.printed('stdout', /(begun\n){10}/)

  const asked = performance.now()
  const exit = program.terminate()
  const ends = await Promise.all(
    clients.map(async ({closed}) => {
      const {code, reason} = await closed
      return {code, reason, after: performance.now() - asked}
    }),
  )
  const {code, stdout} = await exit
  const lasted = performance.now() - asked
  for (const peer of stopped) peer.socket.destroy()

  expect(new Set(ends.map(end => end.code))).toEqual(new Set([1012]))
  const retries = ends.map(({reason}) => Number(/^retry=(\d+)$/.exec(reason)?.[1]))
  expect(Math.max(...retries)).toBeLessThanOrEqual(10_000)
  // Uniform: about a quarter in each quarter, and never as few as a tenth of them by chance (p < 1e-7).
  const longest = Math.max(...retries)
  for (const quarter of [0, 1, 2, 3]) {
    const within = retries.filter(retry => Math.min(3, Math.floor((retry / longest) * 4)) === quarter)
    expect(within.length).toBeGreaterThan(20)
  }
  // 25 at a time, every 50 ms: 203 of them take 400 ms at least.
  const times = ends.map(({after}) => after).toSorted((a, b) => a - b)
  expect(times.at(-1)! - times[0]!).toBeGreaterThan(200)
  expect(stdout.match(/finished/g)).toHaveLength(10)
  expect(code).toBe(0)
  // With the stopped peers, who are cut after `closeTimeout`; the deadline itself is never needed.
  expect(lasted).toBeLessThan(drainTimeout)
})

it('row 33: a second SIGTERM ends it at once', async () => {
  const program = candy(['start', appFolder(app), '--port', '0'])
  const url = await program.url()
  const peer = await raw(Number(new URL(url).port))
  await peer.write(handshake('/endless')).head()
  peer.write(frame('hi'))
  const exit = program.terminate()
  expect(await peer.closeFrame()).toMatchObject({code: 1012, reason: expect.stringMatching(/^retry=\d+$/)})
  const asked = performance.now()
  void program.signal('SIGTERM')
  expect((await exit).code).toBe(1)
  expect(performance.now() - asked).toBeLessThan(2_000)
  peer.socket.destroy()
  if (!peer.socket.closed) await once(peer.socket, 'close')
})
