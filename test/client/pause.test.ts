import {Pause} from '#candy/client/pause.js'
import {beforeEach, describe, expect, it, onTestFinished, vi} from 'vitest'
import {chanceIs} from '../support/client-socket.js'
import {seeded} from '../support/seeded.js'

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
})

/** A pause, and how many milliseconds after its beginning it has ended. */
function pause(): {pause: Pause; ends: number[]} {
  const begin = Date.now()
  const ends: number[] = []
  return {pause: new Pause(() => ends.push(Date.now() - begin)), ends}
}

describe('A pause until the next try', () => {
  it('lasts as long as it is told, and ends once', () => {
    const {pause: one, ends} = pause()
    one.begin({delay: 4_711, asTold: false})
    vi.advanceTimersByTime(100_000)
    expect(ends).toEqual([4_711])
  })

  it('is over within a second once something is better, as chance wills', () => {
    chanceIs(1)
    const {pause: one, ends} = pause()
    one.begin({delay: 30_000, asTold: false})
    vi.advanceTimersByTime(10_000)
    one.hurry()
    vi.advanceTimersByTime(1_000)
    expect(ends).toEqual([10_999])
  })

  it('is spread over this second, for those who are woken together', () => {
    seeded(1)
    const tenths = new Set<number>()
    for (let n = 0; n < 200; n += 1) {
      const {pause: one, ends} = pause()
      one.begin({delay: 30_000, asTold: false})
      one.hurry()
      vi.advanceTimersByTime(1_000)
      tenths.add(Math.floor(ends[0]! / 100))
    }
    expect([...tenths].toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('is never longer because something is better, however often', () => {
    chanceIs(1)
    const {pause: one, ends} = pause()
    one.begin({delay: 2_000, asTold: false})
    for (let n = 0; n < 30; n += 1) {
      vi.advanceTimersByTime(100)
      one.hurry()
    }
    expect(ends[0]).toBeLessThanOrEqual(1_100)
    one.begin({delay: 5, asTold: false})
    one.hurry()
    vi.advanceTimersByTime(5)
    expect(ends.length).toBe(2)
  })

  it('is over within a second after a sleep, in which no timer ran', () => {
    chanceIs(1)
    const {pause: one, ends} = pause()
    one.begin({delay: 30_000, asTold: false})
    vi.setSystemTime(Date.now() + 3_600_000)
    one.hurry()
    vi.advanceTimersByTime(1_000)
    expect(ends).toEqual([3_600_999])
  })

  it('is not shortened where the server said how long it is', () => {
    chanceIs(0)
    const {pause: one, ends} = pause()
    one.begin({delay: 5_000, asTold: true})
    one.hurry()
    vi.advanceTimersByTime(100_000)
    expect(ends).toEqual([5_000])
  })

  it('that is ended, or over, is not begun by hope', () => {
    const {pause: one, ends} = pause()
    one.begin({delay: 1_000, asTold: false})
    one.end()
    one.hurry()
    vi.advanceTimersByTime(100_000)
    one.begin({delay: 1, asTold: false})
    vi.advanceTimersByTime(1)
    one.hurry()
    vi.advanceTimersByTime(100_000)
    expect(ends.length).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })
})
