import {once} from 'node:events'
import {createServer, type IncomingMessage} from 'node:http'
import type {Socket as TcpSocket} from 'node:net'
import {describe, expect, it, onTestFinished, vi} from 'vitest'
import {chanceIs, connectTo, storyOf, told} from '../support/client-socket.js'
import {Hand} from '../support/hand.js'
import {hostServer} from '../support/host.js'

const ended = [
  ['state', 'closed', {code: 1000, reason: ''}],
  ['close', 1000, ''],
]

/** A connection of somebody else's, made and answered: what was on its way before has arrived. */
async function meanwhile(hand: Hand): Promise<void> {
  await told(connectTo({url: `${hand.url}/meanwhile`}), 'open')
}

describe('close()', () => {
  it('says so to the server, and to who listens, once', async () => {
    const hand = await Hand.open()
    const socket = connectTo(hand)
    const guest = await hand.next()
    await told(socket, 'open')
    const story = storyOf(socket)
    socket.close(4321, 'bye')
    expect([socket.state, socket.connected]).toEqual(['closed', false])
    socket.close()
    expect(await guest.closed).toEqual({code: 4321, reason: 'bye'})
    await meanwhile(hand)
    expect(story).toEqual([
      ['state', 'closed', {code: 4321, reason: 'bye'}],
      ['close', 4321, 'bye'],
    ])
  })

  it.each([999, 1001, 1006, 2999, 5000, 3000.5, Number.NaN])('throws for %s, and stays open', async code => {
    const hand = await Hand.open()
    const socket = connectTo(hand)
    await told(socket, 'open')
    expect(() => socket.close(code)).toThrow(RangeError)
    expect(() => socket.close(4000, 'é'.repeat(62))).toThrow(RangeError)
    expect(socket.state).toBe('open')
  })

  it('at once: nothing is asked for, nobody connects', async () => {
    const hand = await Hand.open()
    const socket = connectTo(hand, {token: true})
    const story = storyOf(socket)
    socket.send('never')
    socket.close()
    await meanwhile(hand)
    expect([(await hand.next()).request.url, hand.guests]).toEqual(['/meanwhile', []])
    expect(story).toEqual([...ended, ['dropped', 'never']])
  })

  it('while the token is made: it is offered to nobody', async () => {
    const hand = await Hand.open()
    let give!: (token: string) => void
    const token = new Promise<string>(resolve => (give = resolve))
    const socket = connectTo(hand, {token: () => token})
    const story = storyOf(socket)
    socket.close()
    give('late')
    await meanwhile(hand)
    expect([(await hand.next()).request.url, hand.guests]).toEqual(['/meanwhile', []])
    expect(story).toEqual(ended)
  })

  it('in the middle of the handshake: the line is given up', async () => {
    const {server, port} = await hostServer()
    const upgrade = once(server, 'upgrade') as Promise<[IncomingMessage, TcpSocket]>
    const socket = connectTo({url: `http://127.0.0.1:${port}`})
    const story = storyOf(socket)
    const [, line] = await upgrade
    const gone = once(line.resume(), 'end')
    socket.close()
    await gone
    expect(story).toEqual(ended)
  })

  it('after the 101, before the server has said anything', async () => {
    const hand = await Hand.open()
    hand.answers = false
    const socket = connectTo(hand)
    const story = storyOf(socket)
    const guest = await hand.next()
    await guest.ping()
    socket.close(4000, 'enough')
    expect(await guest.closed).toEqual({code: 4000, reason: 'enough'})
    expect(story).toEqual([
      ['state', 'closed', {code: 4000, reason: 'enough'}],
      ['close', 4000, 'enough'],
    ])
  })

  it('while it waits for the next try: there is none', async () => {
    vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout']})
    onTestFinished(() => void vi.useRealTimers())
    const hand = await Hand.open()
    const socket = connectTo(hand)
    const guest = await hand.next()
    await told(socket, 'open')
    guest.terminate()
    await told(socket, 'close')
    const story = storyOf(socket)
    expect(vi.getTimerCount()).toBe(1)
    socket.close()
    expect(vi.getTimerCount()).toBe(0)
    expect(story).toEqual(ended)
  })

  it('while the server does not answer', async () => {
    const {server, port} = await hostServer(createServer(() => undefined))
    const asked = once(server, 'request') as Promise<[IncomingMessage]>
    const socket = connectTo({url: `http://127.0.0.1:${port}`}, {token: true})
    const [request] = await asked
    const gone = once(request.socket, 'close')
    socket.close()
    await gone
  })
})

describe('close(), in a listener', () => {
  it.each(['state', 'open'] as const)('of %s, as it opens: nothing is told after', async event => {
    const hand = await Hand.open()
    hand.answers = false
    const socket = connectTo(hand)
    const story = storyOf(socket)
    socket.on(event, () => socket.close(4000, 'enough'))
    const guest = await hand.next()
    guest.send('first')
    expect(await guest.closed).toEqual({code: 4000, reason: 'enough'})
    expect(story).toEqual([
      ['state', 'open'],
      ...(event === 'open' ? [['open']] : []),
      ['state', 'closed', {code: 4000, reason: 'enough'}],
      ['close', 4000, 'enough'],
    ])
  })

  it('of open, as it opens again: there is no gap', async () => {
    chanceIs(0)
    const hand = await Hand.open()
    const socket = connectTo(hand)
    const first = await hand.next()
    await told(socket, 'open')
    first.terminate()
    const story = storyOf(socket)
    socket.on('open', () => socket.close())
    await told(socket, 'open')
    expect(story.at(-1)).toEqual(['close', 1000, ''])
    expect(story.map(([event]) => event)).not.toContain('gap')
  })

  it.each(['state', 'close'] as const)('of %s, as a connection ends: it is over after that', async event => {
    chanceIs(0)
    const hand = await Hand.open()
    const socket = connectTo(hand)
    const first = await hand.next()
    await told(socket, 'open')
    const story = storyOf(socket)
    socket.on(event, () => socket.close())
    first.close(1011, 'Internal error')
    await told(socket, 'close')
    await meanwhile(hand)
    expect((await hand.next()).request.url).toBe('/meanwhile')
    expect(story.slice(-1)).toEqual([['close', 1000, '']])
    expect(story.filter(([event]) => event === 'close')).toEqual([
      ...(event === 'close' ? [['close', 1011, 'Internal error']] : []),
      ['close', 1000, ''],
    ])
  })

  it('of message: the next one is not heard', async () => {
    const hand = await Hand.open()
    const socket = connectTo(hand)
    const guest = await hand.next()
    await told(socket, 'open')
    const story = storyOf(socket)
    socket.on('message', () => socket.close())
    guest.send(1)
    guest.send(2)
    await guest.closed
    expect(story).toEqual([['message', 1], ...ended])
  })

  it('of dropped: what waits is told, once', async () => {
    const socket = connectTo(await Hand.open(), {queue: 2})
    const story = storyOf(socket)
    socket.on('dropped', () => socket.close())
    for (const text of ['a', 'b', 'c']) socket.send(text)
    expect(story).toEqual([['dropped', 'c'], ...ended, ['dropped', 'a'], ['dropped', 'b']])
  })
})
