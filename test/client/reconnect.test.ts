import {describe, expect, it} from 'vitest'
import {chanceIs, connectTo, storyOf, told, untilItIs} from '../support/client-socket.js'
import {Hand} from '../support/hand.js'

/** Contract, section 9. */
const final = [1000, 1002, 1003, 1007, 1008, 1009, 4000, 4001, 4003]
const passing = [1001, 1011, 1012, 1013, 1014, 3000, 3999, 4004, 4100, 4999]

/** Waits that no test would see the end of: whoever comes back has not waited. */
const never = {reconnectDelay: 1e9}

describe('After a close code', () => {
  it.each(final)('row 64: %i it is over, be the connection open or refused', async code => {
    const hand = await Hand.open()
    const socket = connectTo(hand)
    const guest = await hand.next()
    await told(socket, 'open')
    guest.close(code, 'why')
    await untilItIs(socket, 'closed')
    hand.refuse([code, 'why'])
    const refused = connectTo(hand)
    expect(await told(refused, 'close')).toEqual([code, 'why'])
    expect(refused.state).toBe('closed')
  })

  it.each(passing)(
    'row 64: %i it comes back, with a fresh token each time, be the connection open or refused',
    async code => {
      chanceIs(0)
      const hand = await Hand.open()
      let tokens = 0
      const socket = connectTo(hand, {token: () => String((tokens += 1))})
      const guest = await hand.next()
      await told(socket, 'open')
      hand.refuse([code, 'why'])
      guest.close(code, 'why')
      expect(await told(socket, 'close')).toEqual([code, 'why'])
      expect(socket.state).toBe('reconnecting')
      const [back] = await Promise.all([hand.next(), told(socket, 'open')])
      expect([guest, ...hand.refused, back].map(({token}) => token)).toEqual(['1', '2', '3'])
    },
  )

  it('none, or a line that breaks, it comes back', async () => {
    chanceIs(0)
    const hand = await Hand.open()
    const socket = connectTo(hand)
    for (const [end, code] of [
      ['close', 1005],
      ['terminate', 1006],
    ] as const) {
      const guest = await hand.next()
      await told(socket, 'open')
      guest[end]()
      expect(await told(socket, 'close')).toEqual([code, ''])
      expect(socket.state).toBe('reconnecting')
    }
    await told(socket, 'gap')
  })

  it('of any kind it is over, if it was told not to come back', async () => {
    const hand = await Hand.open()
    for (const code of [1011, 1012, 4002]) {
      const socket = connectTo(hand, {autoReconnect: false})
      const guest = await hand.next()
      await told(socket, 'open')
      guest.close(code, 'retry=1')
      expect(await told(socket, 'close')).toEqual([code, 'retry=1'])
      expect(socket.state).toBe('closed')
    }
  })
})

describe('After 4002', () => {
  const badToken = [4002, 'Invalid token'] as const

  /** A socket that counts its tokens, and comes back only where it need not wait. */
  function counting(hand: Hand) {
    let tokens = 0
    return connectTo(hand, {token: () => String((tokens += 1)), ...never})
  }

  it('row 64: it tries at once, with a fresh token', async () => {
    const hand = await Hand.open()
    hand.refuse(badToken)
    const socket = counting(hand)
    const guest = await hand.next()
    await told(socket, 'open')
    expect([...hand.refused, guest].map(({token}) => token)).toEqual(['1', '2'])
  })

  it('row 64: twice in a row it is over', async () => {
    const hand = await Hand.open()
    hand.refuse(badToken, badToken)
    const socket = counting(hand)
    const story = storyOf(socket)
    await untilItIs(socket, 'closed')
    expect(hand.refused.map(({token}) => token)).toEqual(['1', '2'])
    const why = {code: 4002, reason: 'Invalid token'}
    expect(story).toEqual([
      ['state', 'reconnecting', why],
      ['state', 'closed', why],
      ['close', ...badToken],
    ])
  })

  it('and a connection, and 4002 once more, it tries at once again', async () => {
    const hand = await Hand.open()
    hand.refuse(badToken)
    const socket = connectTo(hand)
    const guest = await hand.next()
    await told(socket, 'open')
    hand.refuse(badToken)
    guest.terminate()
    await hand.next()
    await told(socket, 'gap')
    expect(hand.refused.length).toBe(2)
  })

  it('of a connection that was open, it comes back once', async () => {
    const hand = await Hand.open()
    const socket = counting(hand)
    const guest = await hand.next()
    await told(socket, 'open')
    guest.close(...badToken)
    const second = await hand.next()
    expect(second.token).toBe('2')
    await told(socket, 'gap')
  })
})

describe('A server that restarts (1012)', () => {
  it('says when to come, and is obeyed', async () => {
    chanceIs(1)
    const hand = await Hand.open()
    const socket = connectTo(hand, never)
    const guest = await hand.next()
    await told(socket, 'open')
    guest.close(1012, 'Service restart; retry=1')
    expect(await told(socket, 'close')).toEqual([1012, 'Service restart; retry=1'])
    await told(socket, 'gap')
  })

  it('is obeyed for each its own time, not for that of another', async () => {
    chanceIs(1)
    const hand = await Hand.open()
    const order: string[] = []
    const guests = []
    for (const name of ['late', 'soon']) {
      const socket = connectTo({url: `${hand.url}/${name}`}, never)
      socket.on('gap', () => order.push(name))
      guests.push(await hand.next())
      await told(socket, 'open')
    }
    guests.forEach((guest, n) => guest.close(1012, `retry=${[150, 1][n]}`))
    await expect.poll(() => order.length).toBe(2)
    expect(order).toEqual(['soon', 'late'])
  })
})

describe('maxReconnectAttempts', () => {
  it.each([0, 1, 3])('%i: as many tries, and then it is over', async maxReconnectAttempts => {
    chanceIs(0)
    const hand = await Hand.open()
    hand.refuse(...Array.from({length: 5}, () => [1013, 'Too many connections'] as const))
    const socket = connectTo(hand, {maxReconnectAttempts})
    const story = storyOf(socket)
    await untilItIs(socket, 'closed')
    expect(hand.refused.length).toBe(1 + maxReconnectAttempts)
    expect(story.at(-1)).toEqual(['close', 1013, 'Too many connections'])
  })
})

describe('An option that is none', () => {
  it.each([
    {reconnectDelay: -1},
    {reconnectDelay: Number.NaN},
    {reconnectDelay: Infinity},
    {reconnectDelay: 2 ** 31},
    {maxReconnectAttempts: -1},
    {maxReconnectAttempts: Number.NaN},
    {queue: -1},
    {queue: 1.5},
  ])('throws at once: %j', async options => {
    const hand = await Hand.open()
    expect(() => connectTo(hand, options)).toThrow(TypeError)
  })
})
