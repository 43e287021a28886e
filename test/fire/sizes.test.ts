import {expect, it} from 'vitest'
import {craft} from '../support/frames.js'
import {handshake, raw, type Raw} from '../support/raw.js'
import {heldBy, nothing, serve} from '../support/serve.js'
import type {AppOptions} from 'candy-ws'

const free = {token: false} as const
const kib = 1_024

async function listening(limits: AppOptions['limits'] = {}) {
  const heard: unknown[] = []
  const served = await serve({limits}, app =>
    app.Route.ws('/', Candy => Candy.ws.on('message', data => heard.push(data)), free),
  )
  const open = async (options = {}): Promise<Raw> => {
    const client = await raw(served.port, options)
    await client.write(handshake('/')).head()
    return client
  }
  return {...served, heard, open}
}

const x = (length: number) => 'x'.repeat(length)

it.each([
  ['one byte too many', [craft({opcode: 1, length: 65_537n})]],
  ['a whole GiB', [craft({opcode: 2, length: 2n ** 30n})]],
  ['2^63 bytes', [craft({opcode: 2, length: 2n ** 63n})]],
  [
    '40 KiB, and 40 more',
    [craft({fin: false, payload: x(40 * kib)}), craft({opcode: 0, length: BigInt(40 * kib)})],
  ],
])('row 34: %s are 1009 as soon as they are announced', async (_, frames) => {
  const {open, heard, app} = await listening()
  const client = await open()
  // No byte of what is announced follows.
  client.write(Buffer.concat(frames))
  expect((await client.closeFrame()).code).toBe(1009)
  client.socket.end()
  await expect.poll(() => heldBy(app)).toEqual(nothing)
  expect(heard).toEqual([])
})

it('row 35: 16,000 fragments that never end, a hundred times, are 1008 each, and keep no memory', async () => {
  const {open, heard, app} = await listening({maxPerIp: 'off'})
  const first = craft({fin: false, payload: 'a'})
  const endless = Buffer.concat([
    first,
    ...Array.from({length: 16_000}, () => craft({fin: false, opcode: 0, payload: 'a'})),
  ])
  const clients = await Promise.all(Array.from({length: 100}, () => open({halfOpen: true})))
  globalThis.gc!()
  const before = process.memoryUsage().heapUsed
  for (const client of clients) client.write(endless)
  const codes = await Promise.all(clients.map(async client => (await client.closeFrame()).code))
  expect(new Set(codes)).toEqual(new Set([1008]))
  globalThis.gc!()
  // Beside it there is what was read last, at most 64 KiB each, until the socket is gone.
  const grown = (process.memoryUsage().heapUsed - before) / clients.length
  expect(grown).toBeLessThan(50 * kib)
  for (const client of clients) client.socket.destroy()
  await expect.poll(() => heldBy(app)).toEqual(nothing)
  expect(heard).toEqual([])
})

it.each([true, false])(
  'row 37: a flood of pings ends the connection; its pongs are read: %s',
  async reads => {
    const {open, app, log} = await listening({messageRate: 'off', byteRate: 'off', maxBuffered: 'off'})
    const client = await open()
    if (!reads) client.socket.pause()
    client.write(Buffer.concat(Array.from({length: 1_000}, () => craft({opcode: 9, payload: x(125)}))))
    await expect.poll(() => heldBy(app)).toEqual(nothing)
    client.socket.resume()
    await client.closed
    // As many as may wait, and never more.
    expect(client.frames.filter(({opcode}) => opcode === 10).length).toBeLessThanOrEqual(60)
    expect(log.errors()).toEqual([])
  },
)

it('row 37: pings that are answered in turn end the connection where they come too fast', async () => {
  const {open, app} = await listening()
  const client = await open()
  const some = Buffer.concat(Array.from({length: 20}, () => craft({opcode: 9, payload: 'ping'})))
  const pongs = () => client.frames.filter(({opcode}) => opcode === 10).length
  for (let asked = 20; asked <= 200; asked += 20) {
    client.write(some)
    await client.until(() => pongs() >= asked || undefined)
  }
  for (let asked = 0; asked < 1_000; asked += 20) client.write(some)
  expect(await client.closeFrame()).toMatchObject({code: 1008})
  await expect.poll(() => heldBy(app)).toEqual(nothing)
})
