import {encodeBinary, textFrame, type Frame} from '#candy/rooms/frame.js'
import {execFileSync} from 'node:child_process'
import {setImmediate as turn} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {framedPair, type FramedPair} from '../support/framed-pair.js'
import {numbers} from '../support/late.js'
import {until} from '../support/serve-handlers.js'

const eachByItself = {serverNoContextTakeover: true, clientNoContextTakeover: true}
const mib = 1_024 * 1_024

// In a process of its own: what the tests are compiled to keeps a table of all objects.
const shortMessages = `
  import {setImmediate as turn} from 'node:timers/promises'
  import {Outbox} from '#candy/connection/outbox.js'
  import {textFrame} from '#candy/rooms/frame.js'
  import {Traffic} from '#candy/telemetry/traffic.js'
  const memory = () => {
    gc()
    const {heapUsed, arrayBuffers} = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const socket = {deflates: false, bufferedAmount: 0, writeFrames: () => true}
  const outbox = new Outbox(socket, {limits: {maxBuffered: 1_048_576}, traffic: new Traffic(), lagging() {}})
  outbox.filled()
  const before = memory()
  for (let n = 0; n < 40_000; n += 1) {
    outbox.send(textFrame(String(n).padStart(18, '0')))
    if (n % 10 === 0) await turn()
  }
  const taken = memory() - before
  console.log(JSON.stringify([taken, outbox.buffered]))`

/** The client reads nothing, and the system takes nothing more. @returns how many messages that took */
async function fill({outbox, server, client}: FramedPair): Promise<number> {
  client.pause()
  const frame = encodeBinary(Buffer.alloc(60_000))
  for (let count = 1; ; count += 1) {
    outbox.send(frame)
    await turn()
    if (server.bufferedAmount > 0) return count
  }
}

/** A message of so many bytes on the wire. */
function ofSize(size: number): Frame {
  const frame = textFrame('x'.repeat(size - (size > 65_545 ? 10 : size > 127 ? 4 : 2)))
  expect(frame.size).toBe(size)
  return frame
}

describe('what a socket does not take', () => {
  it('waits in the outbox, and leaves in its order when the client reads again', async () => {
    const pair = await framedPair()
    const {outbox, client, heard, hears, writes, server} = pair
    const before = await fill(pair)
    const written = writes.length
    const sent = numbers(500).map(n => `${n}${n % 50 === 0 ? 'x'.repeat(5_000) : ''}`)
    for (const [n, text] of sent.entries()) {
      outbox.send(textFrame(text))
      if (n % 7 === 0) await turn()
    }
    expect(writes).toHaveLength(written)
    client.resume()
    await hears(before + sent.length)
    expect(heard.slice(before)).toEqual(sent)
    expect(outbox.buffered).toBe(0)
    outbox.send(textFrame('and as before'))
    await hears(before + sent.length + 1)
    server.close()
  })

  it('leaves in pieces, not message by message', async () => {
    const pair = await framedPair()
    const {outbox, client, hears, writes} = pair
    const before = await fill(pair)
    const written = writes.length
    for (const n of numbers(4_000)) {
      outbox.send(textFrame(String(n).padStart(8, '0')))
      if (n % 100 === 0) await turn()
    }
    client.resume()
    await hears(before + 4_000)
    expect(writes.length - written).toBeLessThan(10)
    client.close()
  })

  it('takes about as much memory as it is long, however short the messages are', () => {
    const taken = execFileSync(process.execPath, [
      '--expose-gc',
      '--input-type=module',
      '--eval',
      shortMessages,
    ])
    const [memory, held] = JSON.parse(taken.toString()) as [number, number]
    expect(held).toBe(40_000 * 20)
    expect(memory).toBeLessThan(2 * held)
  })

  it('is written before a close frame, all of it', async () => {
    const pair = await framedPair()
    const {outbox, server, client, heard, closed} = pair
    const before = await fill(pair)
    outbox.send(textFrame('one'))
    outbox.send(textFrame('y'.repeat(5_000)))
    outbox.send(textFrame('two'), {latest: 'key'})
    server.close(1000)
    client.resume()
    expect(await closed).toBe(1000)
    expect(heard.slice(before)).toEqual(['one', 'y'.repeat(5_000), 'two'])
  })

  it('waits for its turn to be compressed', async () => {
    const pair = await framedPair(eachByItself)
    const {outbox, client, heard, hears} = pair
    client.pause()
    const noise = encodeBinary(Buffer.from(numbers(6_000).map(() => Math.random() * 256)))
    let before = 0
    while (outbox.buffered < 100_000) {
      outbox.send(noise)
      before += 1
      await turn()
    }
    const texts = numbers(6).map(n => `${n} ${'a long message '.repeat(n % 2 === 0 ? 2_000 : 20)}`)
    for (const text of texts) outbox.send(textFrame(text))
    client.resume()
    await hears(before + texts.length)
    expect(heard.slice(before)).toEqual(texts)
    client.close()
  })

  it('waits for what ws itself has under way, too', async () => {
    const pair = await framedPair({serverNoContextTakeover: false})
    const {outbox, server, client, heard, hears} = pair
    const before = await fill(pair)
    outbox.send(textFrame('one'))
    outbox.send(textFrame('two'), {latest: 'key'})
    client.resume()
    server.send('c'.repeat(50_000), {compress: true})
    await hears(before + 3)
    expect(
      heard
        .slice(before)
        .map(text => text.slice(0, 3))
        .toSorted(),
    ).toEqual(['ccc', 'one', 'two'])
    client.close()
  })

  it('is counted as too late when it is forgotten, message by message', async () => {
    const pair = await framedPair()
    const {outbox, traffic, client} = pair
    outbox.send(textFrame('written'))
    await fill(pair)
    for (const n of numbers(40)) outbox.send(textFrame(String(n)))
    outbox.send(ofSize(50_000))
    outbox.send(textFrame('one'), {latest: 'key'})
    outbox.send(textFrame('two'), {latest: 'key'})
    outbox.send(textFrame('pending'))
    outbox.forget()
    expect(traffic).toMatchObject({late: 43, replaced: 1, dropped: 0})
    outbox.forget()
    expect(traffic.late).toBe(43)
    client.terminate()
  })

  it('is let go at once when it is forgotten', async () => {
    const pair = await framedPair()
    const {outbox, client, server} = pair
    await fill(pair)
    const frames = waiting(pair)
    const held = server.bufferedAmount
    outbox.forget()
    expect(outbox.buffered).toBe(held)
    await turn()
    gc!()
    expect(frames.map(frame => frame.deref())).toEqual([undefined, undefined])
    client.terminate()
  })
})

/** Two messages that wait, held by nobody else. */
function waiting({outbox}: FramedPair): WeakRef<Frame>[] {
  const frames = [ofSize(50_000), ofSize(100)]
  for (const frame of frames) outbox.send(frame)
  return frames.map(frame => new WeakRef(frame))
}

describe('more than may wait', () => {
  it('is counted to the byte, and ends the connection', async () => {
    const pair = await framedPair(false, mib)
    const {outbox, told, traffic, client} = pair
    await fill(pair)
    outbox.send(ofSize(300_000))
    outbox.send(ofSize(3_000))
    expect(outbox.send(ofSize(mib - outbox.buffered))).toBe(true)
    expect(outbox.buffered).toBe(mib)
    expect(told.cut).toBe(0)
    expect(outbox.send(ofSize(2))).toBe(false)
    expect(told.cut).toBe(1013)
    expect(traffic).toMatchObject({dropped: 0, late: 1})
    client.terminate()
  })

  it('counts what waits for the compressor', async () => {
    const {outbox, told, client} = await framedPair(eachByItself, 100_000)
    expect(outbox.send(ofSize(60_000))).toBe(true)
    expect(outbox.buffered).toBe(60_000)
    expect(outbox.send(ofSize(40_001))).toBe(false)
    expect(told.cut).toBe(1013)
    client.terminate()
  })

  it('counts what is sent in one turn', async () => {
    const {outbox, told, client} = await framedPair(false, 1_000)
    for (const size of [300, 300, 400]) expect(outbox.send(ofSize(size))).toBe(true)
    expect(outbox.send(ofSize(2))).toBe(false)
    expect(told.cut).toBe(1013)
    client.terminate()
  })

  it('is bounded too where frames cannot be written', async () => {
    const pair = await framedPair(false, 200_000)
    const {outbox, server, told, client} = pair
    server.writeFrames = () => false
    client.pause()
    while (outbox.send(ofSize(10_000))) await turn()
    expect(told.cut).toBe(1013)
    expect(outbox.buffered).toBeGreaterThan(190_000)
    expect(outbox.buffered).toBeLessThanOrEqual(200_000)
    client.terminate()
  })

  it('is told at a quarter of it, once', async () => {
    const pair = await framedPair(false, mib)
    await fill(pair)
    expect(pair.told.lagging).toBe(0)
    for (const _ of numbers(8)) pair.outbox.send(ofSize(mib / 16))
    expect(pair.told.lagging).toBe(1)
    pair.client.terminate()
  })
})

describe('a volatile message', () => {
  it('is dropped and counted while a quarter waits, and accepted again afterwards', async () => {
    const pair = await framedPair(false, mib)
    const {outbox, traffic, client, told, heard, hears} = pair
    const before = await fill(pair)
    expect(outbox.send(textFrame('early'), {volatile: true})).toBe(true)
    outbox.send(ofSize(mib / 4))
    for (const _ of numbers(1_000)) expect(outbox.send(ofSize(2_000), {volatile: true})).toBe(false)
    expect(traffic.dropped).toBe(1_000)
    expect(outbox.send(textFrame('not volatile'))).toBe(true)
    client.resume()
    await hears(before + 3)
    await until(() => outbox.buffered === 0)
    expect(outbox.send(textFrame('late'), {volatile: true})).toBe(true)
    await hears(before + 4)
    expect(heard.slice(before).map(text => text.slice(0, 12))).toEqual([
      'early',
      'xxxxxxxxxxxx',
      'not volatile',
      'late',
    ])
    expect(told.cut).toBe(0)
    client.close()
  })

  it('never ends the connection, and alone it is accepted whatever its length', async () => {
    const {outbox, told, hears, client} = await framedPair(false, 1_000)
    expect(outbox.send(ofSize(1_000), {volatile: true})).toBe(true)
    expect(outbox.send(ofSize(1_000), {volatile: true})).toBe(false)
    await hears(1)
    expect(told.cut).toBe(0)
    client.close()
  })
})

describe('the latest of a key', () => {
  it('takes the place of the one before it in the same turn, and goes to the end', async () => {
    const {outbox, traffic, heard, hears, writes, client} = await framedPair()
    outbox.send(textFrame('a1'), {latest: 'a'})
    outbox.send(textFrame('plain'))
    outbox.send(textFrame('b1'), {latest: 'b'})
    outbox.send(textFrame('a2'), {latest: 'a'})
    outbox.send(textFrame('a3'), {latest: 'a'})
    outbox.send(textFrame('end'))
    outbox.send(textFrame('b2'), {latest: 'b'})
    await hears(4)
    expect(heard).toEqual(['plain', 'a3', 'end', 'b2'])
    expect(writes).toHaveLength(1)
    expect(traffic).toMatchObject({replaced: 3, messagesOut: 7})
    client.close()
  })

  it('replaces nothing that has left', async () => {
    const {outbox, traffic, heard, hears, client} = await framedPair()
    outbox.send(textFrame('one'), {latest: 'key'})
    await turn()
    outbox.send(textFrame('two'), {latest: 'key'})
    await hears(2)
    expect(heard).toEqual(['one', 'two'])
    expect(traffic.replaced).toBe(0)
    client.close()
  })

  it('is one piece for all who are told the same', async () => {
    const members = await Promise.all(numbers(4).map(() => framedPair()))
    for (const n of numbers(10)) {
      const [position, other] = [textFrame(`position ${n}`), textFrame(`other ${n}`)]
      for (const {outbox} of members) outbox.send(position, {latest: 'position'})
      for (const {outbox} of members) outbox.send(other)
    }
    await turn()
    expect(new Set(members.map(({writes}) => writes[0])).size).toBe(1)
    await Promise.all(members.map(({hears}) => hears(11)))
    expect(members[3]!.heard).toEqual([...numbers(9).map(n => `other ${n}`), 'position 9', 'other 9'])
    for (const {client} of members) client.close()
  })

  it('is all that waits under it for a client that reads slowly', async () => {
    const pair = await framedPair(false, mib)
    const {outbox, traffic, told, client, heard, hears} = pair
    const before = await fill(pair)
    const held = outbox.buffered
    for (const n of numbers(10_000)) {
      outbox.send(textFrame(`position ${n}`.padEnd(1_000)), {latest: 'position'})
      if (n % 500 === 0) outbox.send(textFrame(`said ${n}`))
      if (n % 50 === 0) await turn()
    }
    expect(outbox.buffered - held).toBeLessThan(2_000)
    client.resume()
    await hears(before + 21)
    expect(heard.slice(before, -1)).toEqual(numbers(20).map(n => `said ${n * 500}`))
    expect(heard.at(-1)).toBe('position 9999'.padEnd(1_000))
    expect(traffic.replaced).toBe(9_999)
    expect(told.cut).toBe(0)
    client.close()
  })

  it('makes room for itself, also where it is volatile', async () => {
    const pair = await framedPair(false, mib)
    const {outbox, told, client} = pair
    await fill(pair)
    expect(outbox.send(ofSize(mib - outbox.buffered), {latest: 'key'})).toBe(true)
    const {buffered} = outbox
    expect(outbox.send(ofSize(300_000), {latest: 'key', volatile: true})).toBe(true)
    expect(outbox.buffered).toBeLessThan(buffered)
    expect(told.cut).toBe(0)
    client.terminate()
  })

  it('stays where a volatile one would take its place, and does not fit', async () => {
    const pair = await framedPair(false, mib)
    const {outbox, told, traffic, client, heard, hears} = pair
    const before = await fill(pair)
    outbox.send(textFrame('older'), {latest: 'key'})
    outbox.send(ofSize(mib - outbox.buffered))
    expect(outbox.send(textFrame('newer and longer'), {latest: 'key', volatile: true})).toBe(false)
    expect(told.cut).toBe(0)
    expect(traffic).toMatchObject({dropped: 1, replaced: 0, late: 0})
    client.resume()
    await hears(before + 2)
    expect(heard[before]).toBe('older')
    client.close()
  })
})
