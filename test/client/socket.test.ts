import {describe, expect, it} from 'vitest'
import {chanceIs, connectTo, storyOf, told} from '../support/client-socket.js'
import {Hand} from '../support/hand.js'

describe('A socket tells', () => {
  it('that it is open, once the server has said something', async () => {
    const hand = await Hand.open()
    hand.answers = false
    const socket = connectTo(hand)
    const story = storyOf(socket)
    const guest = await hand.next()
    await guest.ping()
    expect([socket.state, socket.connected, story]).toEqual(['connecting', false, []])
    guest.pong()
    await told(socket, 'open')
    expect([socket.state, socket.connected]).toEqual(['open', true])
    expect(story).toEqual([['state', 'open'], ['open']])
  })

  it('that it is open before the first message, if that is what the server says first', async () => {
    const hand = await Hand.open()
    hand.answers = false
    const socket = connectTo(hand)
    const story = storyOf(socket)
    const guest = await hand.next()
    guest.send({type: 'welcome'})
    await told(socket, 'message')
    expect(story).toEqual([['state', 'open'], ['open'], ['message', {type: 'welcome'}]])
  })

  it('messages: JSON parsed, other text and bytes as they are; nothing of candy.v1 itself', async () => {
    const hand = await Hand.open()
    const socket = connectTo(hand)
    const guest = await hand.next()
    await told(socket, 'open')
    const story = storyOf(socket)
    for (const message of [
      {type: 'candy.pong'},
      {type: 'candy.news'},
      '{"type": "candy.pong", "n": 1}',
      {type: 'said', text: 'hi'},
      '"text"',
      'no JSON {',
      '17',
      'null',
      '[1]',
      {type: 'reply', ref: 1, data: null},
      {type: 'error', code: 'BAD_JSON', message: 'no'},
      '',
      Buffer.from([1, 2]),
    ])
      guest.send(message)
    await expect.poll(() => story.length).toBe(10)
    expect(story.map(([, message]) => message)).toEqual([
      {type: 'said', text: 'hi'},
      'text',
      'no JSON {',
      17,
      null,
      [1],
      {type: 'reply', ref: 1, data: null},
      {type: 'error', code: 'BAD_JSON', message: 'no'},
      '',
      new Uint8Array([1, 2]).buffer,
    ])
  })

  it('how a connection ended, that there is another, and that something is missed', async () => {
    chanceIs(0)
    const hand = await Hand.open()
    const socket = connectTo(hand)
    const story = storyOf(socket)
    const guest = await hand.next()
    await told(socket, 'open')
    guest.close(1011, 'Internal error')
    await told(socket, 'gap')
    const why = {code: 1011, reason: 'Internal error'}
    expect(story).toEqual([
      ['state', 'open'],
      ['open'],
      ['state', 'reconnecting', why],
      ['close', 1011, 'Internal error'],
      ['state', 'open'],
      ['open'],
      ['gap'],
    ])
  })

  it('one state for all the tries that there are in vain', async () => {
    chanceIs(0)
    const hand = await Hand.open()
    const socket = connectTo(hand)
    const guest = await hand.next()
    await told(socket, 'open')
    const story = storyOf(socket)
    hand.refuse([1013, 'Too many connections'], [1013, 'Too many connections'])
    guest.terminate()
    await told(socket, 'gap')
    expect(hand.refused.length).toBe(2)
    expect(story).toEqual([
      ['state', 'reconnecting', {code: 1006, reason: ''}],
      ['close', 1006, ''],
      ['state', 'open'],
      ['open'],
      ['gap'],
    ])
  })

  it('that it is over, and with what', async () => {
    const hand = await Hand.open()
    const socket = connectTo(hand)
    const story = storyOf(socket)
    const guest = await hand.next()
    await told(socket, 'open')
    guest.close(4001, 'Unauthorized')
    await told(socket, 'close')
    expect([socket.state, socket.connected]).toEqual(['closed', false])
    expect(story.slice(2)).toEqual([
      ['state', 'closed', {code: 4001, reason: 'Unauthorized'}],
      ['close', 4001, 'Unauthorized'],
    ])
  })

  it('what still waits when it is over, in order; a request is rejected instead', async () => {
    const hand = await Hand.open()
    hand.refuse([4003, 'Forbidden'])
    const socket = connectTo(hand)
    const story = storyOf(socket)
    socket.send('a')
    const rejected = expect(socket.request('b')).rejects.toMatchObject({code: 'CLOSED'})
    const bytes = new Uint8Array([1])
    socket.send(bytes)
    await rejected
    expect(story).toEqual([
      ['state', 'closed', {code: 4003, reason: 'Forbidden'}],
      ['close', 4003, 'Forbidden'],
      ['dropped', 'a'],
      ['dropped', bytes],
    ])
  })

  it('no event that there is not', async () => {
    const socket = connectTo(await Hand.open())
    expect(() => socket.on('mesage' as 'open', () => undefined)).toThrow(
      new TypeError(
        "There is no event 'mesage': open, message, close, error, state, dropped, gap, presence are",
      ),
    )
  })

  it('nothing to who listens no longer; who begins meanwhile hears the next', async () => {
    const hand = await Hand.open()
    const socket = connectTo(hand)
    const guest = await hand.next()
    const heard: unknown[] = []
    const late = (message: unknown) => heard.push(['late', message])
    const first = (message: unknown) => {
      heard.push(['first', message])
      socket.off('message', first).on('message', late)
    }
    socket.on('message', first)
    guest.send(1)
    guest.send(2)
    await expect.poll(() => heard.length).toBe(2)
    expect(heard).toEqual([
      ['first', 1],
      ['late', 2],
    ])
  })

  it('the error listeners what another threw, and goes on', async () => {
    const hand = await Hand.open()
    const socket = connectTo(hand)
    socket.on('state', () => {
      throw new Error('mine')
    })
    const story = storyOf(socket)
    await told(socket, 'open')
    expect(story).toEqual([['error', new Error('mine')], ['state', 'open'], ['open']])
  })
})

describe('A handshake that is refused after the 101', () => {
  it('opens nothing, and takes nothing of what waits', async () => {
    chanceIs(0)
    const hand = await Hand.open()
    hand.refuse([4002, 'Invalid token'], [1011, 'Internal error'])
    const socket = connectTo(hand)
    const story = storyOf(socket)
    const texts = ['a', 'b', 'c']
    for (const text of texts) expect(socket.send(text)).toBe(true)
    const guest = await hand.next()
    for (const text of texts) expect(await guest.next()).toBe(text)
    expect(hand.refused.map(({said}) => said)).toEqual([[], []])
    expect(story).toEqual([
      ['state', 'reconnecting', {code: 4002, reason: 'Invalid token'}],
      ['state', 'open'],
      ['open'],
    ])
  })

  it('is no gap: nothing was missed of what never was', async () => {
    chanceIs(0)
    const hand = await Hand.open()
    hand.refuse([1013, ''])
    const socket = connectTo(hand)
    const story = storyOf(socket)
    const guest = await hand.next()
    guest.send('first')
    await told(socket, 'message')
    expect(story.map(([event]) => event)).toEqual(['state', 'state', 'open', 'message'])
  })
})

describe('A server that does not speak candy.v1', () => {
  it('is open with the 101, and hears no candy.ping', async () => {
    const hand = await Hand.open()
    hand.candy = false
    const socket = connectTo(hand, {token: () => 'x'})
    socket.send('early')
    await told(socket, 'open')
    socket.send('late')
    const guest = await hand.next()
    expect([await guest.next(), await guest.next()]).toEqual(['early', 'late'])
    const message = told(socket, 'message')
    guest.send('{"type":"plain"}')
    expect(await message).toEqual([{type: 'plain'}])
    expect(guest.pinged).toBe(0)
  })
})
