import {Retries, type RetryOptions} from '#candy/client/retries.js'
import {describe, expect, it} from 'vitest'
import {chanceIs} from '../support/client-socket.js'
import {seeded} from '../support/seeded.js'

const broken = {code: 1006, reason: ''}
const [badToken, restart] = [4002, 1012].map(code => ({code, reason: ''}))

function retries(options: Partial<RetryOptions> = {}): Retries {
  return new Retries({autoReconnect: true, reconnectDelay: 5_000, maxReconnectAttempts: Infinity, ...options})
}

/** Delays of as many connections in a row that fail, in whole milliseconds. */
function delays(all: Retries, count: number): (number | undefined)[] {
  return Array.from({length: count}, () => {
    const retry = all.after(broken, 0)
    return retry && Math.round(retry.delay)
  })
}

describe('The time until the next try', () => {
  it('is at most 5 seconds, then 10, then 20, and 30 from there on', () => {
    chanceIs(1)
    expect(delays(retries(), 6)).toEqual([5_000, 10_000, 20_000, 30_000, 30_000, 30_000])
  })

  it('is nothing at least, but the second try waits until the first seconds are over', () => {
    chanceIs(0)
    expect(delays(retries(), 6)).toEqual([0, 5_000, 0, 0, 0, 0])
  })

  it.each([
    [0, 5_000],
    [2, 20_000],
    [3, 30_000],
    [9, 30_000],
  ])('after %i failures is uniform in 0 to %i', (failures, longest) => {
    seeded(failures)
    const tenths = Array.from({length: 10}, () => 0)
    for (let n = 0; n < 10_000; n += 1) {
      const all = retries()
      delays(all, failures)
      tenths[Math.floor((all.after(broken, 0)!.delay / longest) * 10)]! += 1
    }
    expect(tenths.reduce((sum, count) => sum + count)).toBe(10_000)
    expect(Math.min(...tenths)).toBeGreaterThan(900)
    expect(Math.max(...tenths)).toBeLessThan(1_100)
  })

  it('is uniform after the first failure, from where the first seconds end to 10', () => {
    seeded(1)
    const tenths = Array.from({length: 10}, () => 0)
    for (let n = 0; n < 10_000; n += 1) {
      const all = retries()
      const [first, second] = [all.after(broken, 0)!.delay, all.after(broken, 0)!.delay]
      const least = 5_000 - first
      tenths[Math.floor(((second - least) / (10_000 - least)) * 10)]! += 1
    }
    expect(Math.min(...tenths)).toBeGreaterThan(900)
    expect(Math.max(...tenths)).toBeLessThan(1_100)
  })

  it.each([
    [0, [0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000]],
    [100, [100, 1_000, 2_000, 4_000]],
    [1_000, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000]],
    [20_000, [20_000, 30_000, 30_000]],
    [60_000, [60_000, 60_000, 60_000]],
  ])('begins with %i milliseconds at most, if it was told so', (reconnectDelay, expected) => {
    chanceIs(1)
    expect(delays(retries({reconnectDelay}), expected.length)).toEqual(expected)
  })

  it('begins anew after 30 seconds of health, and not before', () => {
    chanceIs(1)
    const all = retries()
    delays(all, 3)
    expect(all.after(broken, 29_999)!.delay).toBeCloseTo(30_000)
    expect(all.after(broken, 30_000)!.delay).toBeCloseTo(5_000)
    expect(all.after(broken, 0)!.delay).toBeCloseTo(10_000)
  })
})

describe('Whether there is a next try', () => {
  it.each([1000, 1002, 1003, 1007, 1008, 1009, 4000, 4001, 4003])('there is none after %i', code => {
    expect(retries().after({code, reason: ''}, 60_000)).toBeUndefined()
  })

  it.each([1001, 1005, 1006, 1011, 1012, 1013, 3000, 4004, 4999])('there is one after %i', code => {
    expect(retries().after({code, reason: ''}, 0)).toBeDefined()
  })

  it('there is none after anything, if it was told not to', () => {
    for (const closing of [broken, restart!, badToken!])
      expect(retries({autoReconnect: false}).after(closing, 60_000)).toBeUndefined()
  })

  it('there are as many in a row as it was told', () => {
    chanceIs(0)
    const all = retries({maxReconnectAttempts: 2})
    expect(delays(all, 3)).toEqual([0, 5_000, undefined])
    const healthy = retries({maxReconnectAttempts: 2})
    expect(delays(healthy, 2)).toEqual([0, 5_000])
    expect(healthy.after(broken, 30_000)).toBeDefined()
    expect(delays(healthy, 2)).toEqual([5_000, undefined])
  })

  it('there is one after 4002, at once, and none after two in a row', () => {
    const all = retries({maxReconnectAttempts: 0})
    expect(all.after(badToken!, 0)).toEqual({delay: 0, asTold: true})
    expect(all.after(badToken!, 0)).toBeUndefined()
  })

  it('there is one after 4002 again, when something else came between, or 30 seconds of health', () => {
    chanceIs(1)
    const all = retries()
    for (const [closing, lasted] of [
      [badToken!, 0],
      [broken, 0],
      [badToken!, 0],
      [badToken!, 30_000],
    ] as const)
      expect(all.after(closing, lasted)).toBeDefined()
    expect(all.after(badToken!, 0)).toBeUndefined()
  })

  it('4002 does not make the next one later', () => {
    chanceIs(1)
    const all = retries()
    all.after(badToken!, 0)
    expect(delays(all, 1)).toEqual([5_000])
  })
})

describe('A server that restarts, and says when to come', () => {
  it.each([
    ['retry=0', 0],
    ['retry=1', 1],
    ['retry=4711', 4711],
    ['Service restart; retry=60000', 60_000],
    ['Service restart retry=250 thanks', 250],
    ['retry=999999999', 999_999_999],
  ])('is obeyed: %s', (reason, delay) => {
    chanceIs(1)
    expect(retries().after({code: 1012, reason}, 0)).toEqual({delay, asTold: true})
  })

  it.each([
    '',
    'Service restart',
    'retry=',
    'retry=soon',
    'retry=-1',
    'retry=1.5',
    'retry=1e3',
    'retry=5s',
    'retry=0x10',
    'retry=5,000',
    'retry=1000000000',
    'retry=99999999999999999999',
    'retry = 5',
    'noretry=5',
    'retry:5',
  ])('is not understood, and it is as after any other end: %j', reason => {
    chanceIs(1)
    const {delay, asTold} = retries().after({code: 1012, reason}, 0)!
    expect([Math.round(delay), asTold]).toEqual([5_000, false])
  })

  it('is the only one that may say so', () => {
    chanceIs(1)
    for (const code of [1001, 1006, 1011, 1013, 4004])
      expect(retries().after({code, reason: 'retry=1'}, 0)!.asTold).toBe(false)
  })

  it('may say so as often as it was told to try', () => {
    const all = retries({maxReconnectAttempts: 1})
    expect(all.after({code: 1012, reason: 'retry=1'}, 0)).toBeDefined()
    expect(all.after({code: 1012, reason: 'retry=1'}, 0)).toBeUndefined()
  })
})
