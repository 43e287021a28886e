import {constants, deflateRawSync} from 'node:zlib'
import {expect, it, onTestFinished} from 'vitest'
import {craft} from '../support/frames.js'
import {handshake, raw, type Raw} from '../support/raw.js'
import {heldBy, nothing, serve} from '../support/serve.js'
import type {AppOptions} from 'candy-ws'

const free = {token: false} as const
const kib = 1_024
const mib = 1_024 * kib

async function listening(limits: AppOptions['limits'] = {}, options: AppOptions = {}) {
  const heard: unknown[] = []
  const served = await serve({limits, ...options}, app =>
    app.Route.ws('/', Candy => Candy.ws.on('message', data => heard.push(data)), free),
  )
  const open = async (options = {}, headers = {}): Promise<Raw> => {
    const client = await raw(served.port, options)
    await client.write(handshake('/', headers)).head()
    return client
  }
  return {...served, heard, open}
}

const x = (length: number) => 'x'.repeat(length)

/** Bytes in use once nothing more can be collected, buffers outside the heap included. */
async function inUse(): Promise<number> {
  globalThis.gc!()
  // What buffers took is given back a little later.
  await new Promise(resolve => setImmediate(resolve))
  globalThis.gc!()
  const {heapUsed, external} = process.memoryUsage()
  return heapUsed + external
}

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
  const before = await inUse()
  for (const client of clients) client.write(endless)
  const codes = await Promise.all(clients.map(async client => (await client.closeFrame()).code))
  expect(new Set(codes)).toEqual(new Set([1008]))
  const grown = ((await inUse()) - before) / clients.length
  expect(grown).toBeLessThan(50 * kib)
  for (const client of clients) client.socket.destroy()
  await expect.poll(() => heldBy(app)).toEqual(nothing)
  expect(heard).toEqual([])
})

const bomb = deflateRawSync(Buffer.alloc(32 * mib), {finishFlush: constants.Z_SYNC_FLUSH}).subarray(0, -4)
const half = bomb.length / 2

it.each([
  ['in one frame', craft({rsv: 0x40, opcode: 2, payload: bomb})],
  [
    'in two',
    Buffer.concat([
      craft({fin: false, rsv: 0x40, opcode: 2, payload: bomb.subarray(0, half)}),
      craft({opcode: 0, payload: bomb.subarray(half)}),
    ]),
  ],
])('row 36: 32 MiB that fit into 32 KiB are 1009, and are never held: %s', async (_, bytes) => {
  const {open, heard, app} = await listening({}, {perMessageDeflate: true})
  const compressing = {'Sec-WebSocket-Extensions': 'permessage-deflate'}
  const clients = await Promise.all(Array.from({length: 20}, () => open({halfOpen: true}, compressing)))
  const before = await inUse()
  let most = 0
  const look = setInterval(() => {
    const {heapUsed, external} = process.memoryUsage()
    most = Math.max(most, heapUsed + external - before)
  })
  onTestFinished(() => clearInterval(look))
  for (const client of clients) client.write(bytes)
  const codes = await Promise.all(clients.map(async client => (await client.closeFrame()).code))
  clearInterval(look)
  expect(new Set(codes)).toEqual(new Set([1009]))
  // Twenty decompressors, and what nobody has collected yet. One bomb alone is larger, and all are 640 MiB.
  expect(most).toBeLessThan(24 * mib)
  expect((await inUse()) - before).toBeLessThan(4 * mib)
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
    const pongs = client.frames.filter(({opcode}) => opcode === 10)
    // As many as may wait, and never more.
    expect(pongs.length).toBeGreaterThan(0)
    expect(pongs.length).toBeLessThanOrEqual(60)
    expect(pongs[0]!.payload.toString()).toBe(x(125))
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
