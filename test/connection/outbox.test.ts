import {encode, encodeBinary, textFrame} from '#candy/rooms/frame.js'
import type {Socket} from 'node:net'
import {setImmediate as turn} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {framedPair} from '../support/framed-pair.js'
import {numbers} from '../support/late.js'
import {signal} from '../support/serve-handlers.js'

const eachByItself = {serverNoContextTakeover: true, clientNoContextTakeover: true}

describe('the outbox of a connection', () => {
  it('writes once what comes within one turn of the event loop, in order', async () => {
    const {outbox, server, heard, writes, closed} = await framedPair()
    outbox.send(textFrame('one'))
    outbox.send(encodeBinary(Buffer.from([1, 2])))
    await Promise.resolve()
    outbox.send(encode({three: 3}))
    expect(writes).toEqual([])
    await turn()
    expect(writes).toHaveLength(1)
    server.close(1000)
    await closed
    expect(heard).toEqual(['one', '0102', '{"three":3}'])
  })

  it('writes the same bytes to all who are told the same, and makes them once', async () => {
    const members = await Promise.all(numbers(5).map(() => framedPair()))
    const [first, second] = [textFrame('first'), textFrame('second')]
    for (const frame of [first, second]) for (const {outbox} of members) outbox.send(frame)
    members[2]!.outbox.send(textFrame('for one alone'))
    await turn()
    const pieces = members.map(({writes}) => writes)
    expect(pieces.map(writes => writes.length)).toEqual([1, 1, 1, 1, 1])
    expect(new Set(pieces.flat()).size).toBe(2)
    for (const {server} of members) server.close()
    await Promise.all(members.map(({closed}) => closed))
    expect(members[2]!.heard).toEqual(['first', 'second', 'for one alone'])
    expect(members[3]!.heard).toEqual(['first', 'second'])
  })

  it('makes them once also where members are told two things in turn', async () => {
    const members = await Promise.all(numbers(6).map(() => framedPair()))
    const [even, odd, all] = [textFrame('even'), textFrame('odd'), textFrame('all')]
    for (const [n, {outbox}] of members.entries()) outbox.send(n % 2 === 0 ? even : odd)
    for (const {outbox} of members) outbox.send(all)
    await turn()
    expect(new Set(members.map(({writes}) => writes[0])).size).toBe(2)
    for (const {client} of members) client.close()
  })

  it('writes a single frame as it is, without a copy for each member', async () => {
    const [a, b] = [await framedPair(), await framedPair()]
    const frame = textFrame('hello')
    a.outbox.send(frame)
    b.outbox.send(frame)
    await turn()
    expect(a.writes[0]).toBe(frame.wire)
    expect(b.writes[0]).toBe(frame.wire)
  })

  it('puts at most 16 KiB into one piece, and no frame above 4 KiB with others', async () => {
    const {outbox, writes, heard, hears} = await framedPair()
    for (const n of numbers(10)) outbox.send(textFrame(`${n}${'x'.repeat(2_999)}`))
    outbox.send(textFrame('y'.repeat(5_000)))
    outbox.send(textFrame('short'))
    await hears(12)
    expect(writes.map(({length}) => length)).toEqual([15_020, 15_020, 5_004, 7])
    expect(heard.map(({length}) => length)).toEqual([...numbers(10).map(() => 3_000), 5_000, 5])
  })

  it('shares a long frame with all, whatever else each of them is told', async () => {
    const members = await Promise.all(numbers(3).map(() => framedPair()))
    const long = textFrame('x'.repeat(50_000))
    for (const [n, {outbox}] of members.entries()) {
      outbox.send(textFrame(`private ${n}`))
      outbox.send(long)
      outbox.send(textFrame(`after ${n}`))
    }
    await turn()
    for (const {writes} of members) expect(writes[1]).toBe(long.wire)
    await Promise.all(members.map(({hears}) => hears(3)))
    expect(members[1]!.heard[2]).toBe('after 1')
  })

  it('writes what it holds when the client has ended its own direction', async () => {
    const {outbox, server, client, heard, hears} = await framedPair()
    server.opened(0)
    const {_socket: socket} = client as unknown as {_socket: Socket}
    const {_socket: ours} = server as unknown as {_socket: Socket}
    const left = signal()
    // Heard before `ws` hears it, and answers with a FIN of its own.
    ours.prependListener('end', () => outbox.send(textFrame('the last'), undefined, left.fire))
    socket.end()
    await left.fired
    await hears(1)
    expect(heard).toEqual(['the last'])
  })

  it('writes what it holds before a close, a ping and a pong', async () => {
    const {outbox, server, client, heard, closed} = await framedPair()
    const order: string[] = []
    client.on('message', () => order.push('message'))
    client.on('ping', () => order.push('ping'))
    client.on('pong', () => order.push('pong'))
    outbox.send(textFrame('before the ping'))
    server.ping()
    outbox.send(textFrame('before the pong'))
    server.pong()
    outbox.send(textFrame('last'))
    server.close(1000)
    await closed
    expect(heard).toEqual(['before the ping', 'before the pong', 'last'])
    expect(order).toEqual(['message', 'ping', 'message', 'pong', 'message'])
  })

  it('answers what came before a close frame, also when both come at once', async () => {
    const {outbox, server, client, heard, closed} = await framedPair()
    server.on('message', data => outbox.send(textFrame(`heard ${(data as Buffer).toString()}`)))
    client.send('the last')
    client.close(1000)
    await closed
    expect(heard).toEqual(['heard the last'])
  })

  it('counts every byte that the operating system has not taken', async () => {
    const {outbox, server, client} = await framedPair()
    const before = server.bufferedAmount
    outbox.send(textFrame('x'.repeat(125)))
    outbox.send(textFrame('x'.repeat(126)))
    expect(outbox.held - before).toBe(127 + 130)
    await turn()
    while (outbox.held > 0) await turn()
    client.pause()
    let sent = 0
    while (server.bufferedAmount === 0) {
      const frame = textFrame('x'.repeat(60_000))
      outbox.send(frame)
      outbox.flush()
      sent += frame.size
      await turn()
    }
    const held = server.bufferedAmount
    expect(held).toBeLessThanOrEqual(sent)
    outbox.send(textFrame('é'))
    expect(outbox.held).toBe(held + 4)
    client.terminate()
  })

  it('tells when frames have left, and also when they never will', async () => {
    const {outbox, server} = await framedPair()
    const [first, second] = [signal(), signal()]
    outbox.send(textFrame('one'), undefined, first.fire)
    outbox.send(textFrame('two'), undefined, second.fire)
    await Promise.all([first.fired, second.fired])
    const [never, nor] = [signal(), signal()]
    outbox.send(textFrame('three'), undefined, never.fire)
    server.terminate()
    outbox.send(textFrame('four'), undefined, nor.fire)
    await Promise.all([never.fired, nor.fired])
  })

  it('sends one by one, in order, behind what ws itself has under way', async () => {
    const {outbox, server, heard, closed, hears} = await framedPair({serverNoContextTakeover: false})
    server.send('c'.repeat(5_000), {compress: true})
    outbox.send(textFrame('behind it'))
    outbox.flush()
    outbox.send(encodeBinary(Buffer.from([7])))
    outbox.flush()
    await hears(3)
    outbox.send(textFrame('and alone again'))
    server.close()
    await closed
    expect(heard.map(text => text.slice(0, 15))).toEqual([
      'ccccccccccccccc',
      'behind it',
      '07',
      'and alone again',
    ])
  })

  it('sends one by one where frames cannot be written', async () => {
    const {outbox, server, heard, closed} = await framedPair()
    server.writeFrames = () => false
    const left = signal()
    outbox.send(textFrame('one'))
    outbox.send(encodeBinary(Buffer.from([2])), undefined, left.fire)
    await left.fired
    server.close()
    await closed
    expect(heard).toEqual(['one', '02'])
  })

  it('keeps the order while a long message is being compressed', async () => {
    const {outbox, server, heard, closed} = await framedPair(eachByItself)
    const long = JSON.stringify(numbers(20_000))
    const left = signal()
    outbox.send(textFrame('before'))
    outbox.send(textFrame(long), undefined, left.fire)
    outbox.send(textFrame('behind'))
    expect(outbox.held).toBeGreaterThan(long.length)
    await left.fired
    server.close()
    await closed
    expect(heard).toEqual(['before', long, 'behind'])
  })

  it('asks for each of many long messages a few times, not for all that wait whenever one is compressed', async () => {
    const {outbox, server, heard, hears} = await framedPair(eachByItself, 'off')
    const long = 'a long message '.repeat(1_200)
    let asked = 0
    for (const number of numbers(100)) {
      const frame = textFrame(`${number} ${long}`)
      const deflated = () => Reflect.get(Object.getPrototypeOf(frame) as object, 'deflated', frame) as unknown
      Object.defineProperty(frame, 'deflated', {get: () => ((asked += 1), deflated())})
      outbox.send(frame)
    }
    await hears(100)
    expect(heard.map(text => Number.parseInt(text, 10))).toEqual(numbers(100))
    expect(asked).toBeLessThan(400)
    server.close()
  })

  it('pings behind everything, also behind what is being compressed, and goes on compressing', async () => {
    const {outbox, server, client, heard, writes, hears} = await framedPair(eachByItself)
    const pinged = signal<number>()
    client.on('ping', () => pinged.fire(heard.length))
    const long = JSON.stringify(numbers(20_000))
    outbox.send(textFrame(long))
    outbox.send(textFrame('behind'))
    server.ping()
    expect(await pinged.fired).toBe(2)
    const before = writes.length
    outbox.send(textFrame(`another ${long}`))
    await hears(3)
    expect(writes[before]!.length).toBeLessThan(long.length / 2)
    client.close()
  })

  it('waits for no compressor when the connection closes', async () => {
    const {outbox, server, heard, closed} = await framedPair(eachByItself)
    const long = JSON.stringify(numbers(20_000))
    outbox.send(textFrame(long))
    outbox.send(textFrame('behind'))
    server.close(1000)
    expect(await closed).toBe(1000)
    expect(heard).toEqual([long, 'behind'])
  })
})
