import type {Socket} from 'candy-ws/client'
import {beforeEach, describe, expect, it, onTestFinished, vi} from 'vitest'
import {chanceIs, connectTo, storyOf, told} from '../support/client-socket.js'
import {Hand, type Guest} from '../support/hand.js'

// Real sockets; only the time is the test's.
beforeEach(() => {
  vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'Date']})
  onTestFinished(() => void vi.useRealTimers())
})

const seconds = (count: number) => vi.advanceTimersByTime(count * 1_000)

/** A socket that is open, and a server that answers nothing from now on. */
async function silence(hand: Hand): Promise<{socket: Socket; guest: Guest}> {
  const socket = connectTo(hand)
  const guest = await hand.next()
  await Promise.all([guest.ping(), told(socket, 'open')])
  guest.answers = false
  return {socket, guest}
}

const noAnswer = {code: 1006, reason: 'No answer'}

describe('A server that does not answer', () => {
  it('is asked, and goes on as if nothing had been, if it answers after all', async () => {
    const hand = await Hand.open()
    const {socket, guest} = await silence(hand)
    const story = storyOf(socket)
    const asked = socket.request('a')
    const {ref} = (await guest.next()) as {ref: unknown}
    seconds(1)
    await guest.ping()
    seconds(1.999)
    expect(socket.state).toBe('open')
    seconds(0.001)
    expect([socket.state, socket.connected]).toEqual(['reconnecting', false])
    expect([socket.send('b'), socket.send('c')]).toEqual([true, true])
    await guest.ping()
    expect(guest.said).toEqual([])
    guest.pong()
    expect([await guest.next(), await guest.next()]).toEqual(['b', 'c'])
    guest.send({type: 'reply', ref, data: 'A'})
    expect(await asked).toBe('A')
    expect(story).toEqual([
      ['state', 'reconnecting', noAnswer],
      ['state', 'open'],
    ])
  })

  it('takes a message for an answer, told after the state', async () => {
    const {socket, guest} = await silence(await Hand.open())
    const story = storyOf(socket)
    seconds(27)
    guest.send('here')
    await told(socket, 'message')
    expect(story).toEqual([
      ['state', 'reconnecting', noAnswer],
      ['state', 'open'],
      ['message', 'here'],
    ])
  })

  it('has told nothing more to who closes when it answers', async () => {
    const {socket, guest} = await silence(await Hand.open())
    seconds(27)
    const story = storyOf(socket)
    socket.on('state', state => {
      if (state === 'open') socket.close()
    })
    guest.send('here')
    expect(await guest.closed).toEqual({code: 1000, reason: ''})
    expect(story).toEqual([
      ['state', 'open'],
      ['state', 'closed', {code: 1000, reason: ''}],
      ['close', 1000, ''],
    ])
    seconds(100)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('row 66: is noticed 35 seconds after its last word, though nobody says anything', async () => {
    const hand = await Hand.open()
    const {socket, guest} = await silence(hand)
    const closed = told(socket, 'close')
    seconds(24)
    expect(guest.pinged).toBe(1)
    seconds(1)
    await guest.ping()
    expect(socket.state).toBe('open')
    seconds(2)
    expect(socket.state).toBe('reconnecting')
    seconds(8)
    expect(await closed).toEqual([noAnswer.code, noAnswer.reason])
  })

  it('is given up after 10 seconds; what was asked is rejected, what waits goes out with the next', async () => {
    chanceIs(0)
    const hand = await Hand.open()
    const {socket, guest} = await silence(hand)
    const story = storyOf(socket)
    const rejected = expect(socket.request('lost', {}, {timeout: 60_000})).rejects.toMatchObject({
      code: 'CLOSED',
    })
    await guest.next()
    seconds(3)
    socket.send('b')
    const asked = socket.request('c', {}, {timeout: 60_000})
    seconds(7.999)
    expect(story).toEqual([['state', 'reconnecting', noAnswer]])
    seconds(0.001)
    await rejected
    expect(story.at(-1)).toEqual(['close', 1006, 'No answer'])
    expect(await guest.closed).toEqual({code: 1000, reason: ''})
    seconds(0.001)
    const next = await hand.next()
    expect(await next.next()).toBe('b')
    const {ref} = (await next.next()) as {ref: unknown}
    next.send({type: 'reply', ref, data: 'C'})
    expect(await asked).toBe('C')
    expect(story.slice(2)).toEqual([['state', 'open'], ['open'], ['gap']])
  })

  it('has what does not fit any more told, and sends the rest in order', async () => {
    const hand = await Hand.open()
    const {socket, guest} = await silence(hand)
    seconds(27)
    const dropped: unknown[] = []
    socket.on('dropped', message => dropped.push(message))
    const sent = Array.from({length: 102}, (_, n) => socket.send(n))
    expect(sent.filter(Boolean).length).toBe(100)
    expect(dropped).toEqual([100, 101])
    guest.pong()
    for (let n = 0; n < 100; n += 1) expect(await guest.next()).toBe(n)
  })
})

describe('A server that is busy', () => {
  it('is not asked, and not given up, for a minute', async () => {
    const {socket, guest} = await silence(await Hand.open())
    const story = storyOf(socket)
    guest.busy()
    guest.send('heard')
    await told(socket, 'message')
    for (let n = 0; n < 59; n += 1) {
      socket.send(n)
      seconds(1)
      expect(await guest.next()).toBe(n)
    }
    expect([socket.state, guest.pinged]).toEqual(['open', 1])
    seconds(1)
    await guest.ping()
    seconds(10)
    expect(story.map(([event]) => event)).toEqual(['message', 'state', 'close'])
  })

  it('is nothing to who closes as it opens', async () => {
    const hand = await Hand.open()
    hand.answers = false
    const socket = connectTo(hand)
    socket.on('open', () => socket.close())
    const guest = await hand.next()
    guest.busy()
    await guest.closed
    // The package ws waits that long for the end of a line.
    seconds(30)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is asked again once it says that it reads', async () => {
    const {socket, guest} = await silence(await Hand.open())
    guest.busy()
    guest.pong()
    guest.send('heard')
    await told(socket, 'message')
    socket.send('a')
    seconds(1)
    await guest.ping()
    expect(socket.state).toBe('open')
  })
})

describe('A connection that does not come about in 10 seconds', () => {
  it('is given up: the server says nothing after the 101', async () => {
    const hand = await Hand.open()
    hand.answers = false
    const socket = connectTo(hand)
    const story = storyOf(socket)
    const guest = await hand.next()
    await guest.ping()
    seconds(9.999)
    expect(socket.state).toBe('connecting')
    seconds(0.001)
    expect(story).toEqual([['state', 'reconnecting', noAnswer]])
    await guest.closed
  })

  it('is given up: there is no token', async () => {
    const socket = connectTo(await Hand.open(), {token: () => new Promise<never>(() => undefined)})
    seconds(10)
    expect(socket.state).toBe('reconnecting')
  })

  it('is waited for no longer once it is closed', async () => {
    const socket = connectTo(await Hand.open(), {token: () => new Promise<never>(() => undefined)})
    expect(vi.getTimerCount()).toBe(1)
    socket.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('has its time anew at the next try', async () => {
    chanceIs(0)
    const hand = await Hand.open()
    hand.answers = false
    const socket = connectTo(hand)
    await (await hand.next()).ping()
    seconds(10)
    seconds(0.001)
    const second = await hand.next()
    await second.ping()
    seconds(9)
    second.pong()
    await told(socket, 'open')
  })
})
