import {RequestError} from 'candy-ws/client'
import {describe, expect, it} from 'vitest'
import {chanceIs, connectTo, storyOf, told} from '../support/client-socket.js'
import {Hand} from '../support/hand.js'

/** Bytes in a larger buffer. */
function window(...bytes: readonly number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array([9, 9, 9, ...bytes, 9]).subarray(3, 3 + bytes.length)
}

const kinds: readonly (readonly [name: string, data: unknown])[] = [
  ['ArrayBuffer', window(1, 2).slice().buffer],
  ['Uint8Array', window(1, 2)],
  ['Uint16Array', new Uint16Array(new Uint8Array([9, 9, 1, 2, 9, 9]).buffer, 2, 1)],
  ['DataView', new DataView(window(1, 2).buffer, 3, 2)],
  ['Buffer', Buffer.from([9, 1, 2, 9]).subarray(1, 3)],
  ['Blob', new Blob([window(1), window(2)])],
]

describe('send()', () => {
  it('sends an object, a number, a boolean and null as JSON, and a string as it is', async () => {
    const hand = await Hand.open()
    const socket = connectTo(hand)
    const guest = await hand.next()
    await told(socket, 'open')
    for (const data of [{type: 'say', text: 'hi'}, [1], 17, true, null, 'no JSON', '"JSON"'])
      expect(socket.send(data)).toBe(true)
    const heard = []
    for (let n = 0; n < 7; n += 1) heard.push(await guest.next())
    expect(heard).toEqual([{type: 'say', text: 'hi'}, [1], 17, true, null, 'no JSON', 'JSON'])
  })

  it.each(kinds)('sends the bytes of %s, and no others', async (_, data) => {
    const hand = await Hand.open()
    const socket = connectTo(hand)
    expect(socket.send(data)).toBe(true)
    const guest = await hand.next()
    expect(await guest.next()).toEqual(Buffer.from([1, 2]))
    socket.send(data)
    expect(await guest.next()).toEqual(Buffer.from([1, 2]))
  })

  it.each(kinds.slice(0, -1))(
    'sends %s as it was, whatever is written into it meanwhile',
    async (_, data) => {
      const hand = await Hand.open()
      const socket = connectTo(hand)
      const own = structuredClone(data) as ArrayBuffer | ArrayBufferView<ArrayBuffer>
      socket.send(own)
      const buffer = own instanceof ArrayBuffer ? own : own.buffer
      new Uint8Array(buffer).fill(7)
      const guest = await hand.next()
      expect(await guest.next()).toEqual(Buffer.from([1, 2]))
    },
  )

  it('sends a Blob before what was said after it', async () => {
    const hand = await Hand.open()
    const socket = connectTo(hand)
    socket.send(new Blob(['a']))
    socket.send('b')
    const guest = await hand.next()
    await told(socket, 'open')
    socket.send(new Blob(['c']))
    socket.send('d')
    const heard = []
    for (let n = 0; n < 4; n += 1) heard.push(String(await guest.next()))
    expect(heard).toEqual(['a', 'b', 'c', 'd'])
  })

  const circle: {self?: unknown} = {}
  circle.self = circle

  it.each([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a BigInt', 1n],
    ['a BigInt in an object', {n: 1n}],
    ['a circle', circle],
    ['what says that it has no JSON', {toJSON: () => undefined}],
  ])('throws a TypeError for %s, open or not, and goes on', async (_, data) => {
    const hand = await Hand.open()
    const socket = connectTo(hand)
    const story = storyOf(socket)
    expect(() => socket.send(data)).toThrow(TypeError)
    await told(socket, 'open')
    expect(() => socket.send(data)).toThrow(TypeError)
    socket.send('after')
    expect(await (await hand.next()).next()).toBe('after')
    expect(story).toEqual([['state', 'open'], ['open']])
  })

  it('row 67: keeps as many messages as it was told, and tells which it did not', async () => {
    const hand = await Hand.open()
    const socket = connectTo(hand, {queue: 2})
    const story = storyOf(socket)
    const third = {type: 'third'}
    expect(['a', 'b', third].map(message => socket.send(message))).toEqual([true, true, false])
    expect(story).toEqual([['dropped', third]])
    expect(story[0]![1]).toBe(third)
    const guest = await hand.next()
    expect([await guest.next(), await guest.next()]).toEqual(['a', 'b'])
    expect(socket.send('c')).toBe(true)
    expect(await guest.next()).toBe('c')
    expect(story.map(([event]) => event)).toEqual(['dropped', 'state', 'open'])
  })

  it('keeps a hundred messages if it was told nothing, and none if it was told so', async () => {
    const hand = await Hand.open()
    const socket = connectTo(hand)
    const sent = Array.from({length: 101}, (_, n) => socket.send(n))
    expect([sent.indexOf(false), sent.length]).toEqual([100, 101])
    expect(connectTo(hand, {queue: 0}).send('a')).toBe(false)
  })

  it('sends what waits first, and then what is said in a listener', async () => {
    const hand = await Hand.open()
    const socket = connectTo(hand)
    socket.on('state', () => socket.send('in state'))
    socket.on('open', () => socket.send('in open'))
    socket.send('early')
    const guest = await hand.next()
    const heard = [await guest.next(), await guest.next(), await guest.next()]
    expect(heard).toEqual(['early', 'in state', 'in open'])
  })

  it('row 67: keeps what is said between two connections, and sends it in order with the next', async () => {
    chanceIs(0)
    const hand = await Hand.open()
    const socket = connectTo(hand)
    socket.on('close', () => ['a', 'b', 'c'].map(text => socket.send(text)))
    const first = await hand.next()
    await told(socket, 'open')
    first.terminate()
    const second = await hand.next()
    expect([await second.next(), await second.next(), await second.next()]).toEqual(['a', 'b', 'c'])
    expect(first.said).toEqual([])
  })

  it('sends nothing once it is over: neither now nor then', async () => {
    const socket = connectTo(await Hand.open())
    socket.close()
    const story = storyOf(socket)
    expect(socket.send('a')).toBe(false)
    expect(story).toEqual([])
  })
})

describe('request()', () => {
  it('settles with its own answer, in whatever order they come', async () => {
    const hand = await Hand.open()
    const socket = connectTo(hand)
    const story = storyOf(socket)
    const asked = [socket.request('a', {n: 1}), socket.request('b').catch((error: unknown) => error)]
    const guest = await hand.next()
    const [a, b] = [await guest.next(), await guest.next()] as {ref: unknown}[]
    expect([a, b]).toMatchObject([{type: 'a', n: 1}, {type: 'b'}])
    guest.send({type: 'error', ref: b!.ref, code: 'FULL', message: 'No seat', details: {seats: 8}})
    guest.send({type: 'reply', ref: a!.ref, data: [1]})
    const [reply, error] = await Promise.all(asked)
    expect(reply).toEqual([1])
    expect(error).toBeInstanceOf(RequestError)
    expect(error).toMatchObject({code: 'FULL', message: 'No seat', details: {seats: 8}})
    expect(story).toEqual([['state', 'open'], ['open']])
  })

  it('is rejected with TIMEOUT, and its late answer is no message', async () => {
    const hand = await Hand.open()
    const socket = connectTo(hand)
    const guest = await hand.next()
    await told(socket, 'open')
    const late = {code: 'TIMEOUT', message: 'No answer in 1 ms'}
    const rejected = expect(socket.request('slow', undefined, {timeout: 1})).rejects.toMatchObject(late)
    const {ref} = (await guest.next()) as {ref: unknown}
    await rejected
    const message = told(socket, 'message')
    guest.send({type: 'reply', ref, data: 'late'})
    guest.send('next')
    expect(await message).toEqual(['next'])
  })

  it('waits for a connection, over one that is refused', async () => {
    chanceIs(0)
    const hand = await Hand.open()
    const socket = connectTo(hand)
    const first = await hand.next()
    await told(socket, 'open')
    hand.refuse([1011, ''])
    first.terminate()
    await told(socket, 'close')
    const asked = socket.request('later')
    const second = await hand.next()
    const {ref} = (await second.next()) as {ref: unknown}
    second.send({type: 'reply', ref, data: 'here'})
    expect(await asked).toBe('here')
  })

  it('is rejected with CLOSED when it went out and the connection broke', async () => {
    chanceIs(0)
    const hand = await Hand.open()
    const socket = connectTo(hand)
    const asked = socket.request('lost')
    const first = await hand.next()
    const rejected = expect(asked).rejects.toMatchObject({code: 'CLOSED'})
    await first.next()
    first.terminate()
    await rejected
    const second = await hand.next()
    socket.send('next')
    expect(await second.next()).toBe('next')
  })

  it('is rejected with FULL when too many wait, and with CLOSED when it is over', async () => {
    const socket = connectTo(await Hand.open(), {queue: 1})
    const story = storyOf(socket)
    socket.send('a')
    await expect(socket.request('b')).rejects.toMatchObject({code: 'FULL'})
    expect(story).toEqual([])
    socket.close()
    await expect(socket.request('c')).rejects.toMatchObject({code: 'CLOSED'})
  })
})
