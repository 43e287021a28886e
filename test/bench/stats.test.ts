import {describe, expect, it} from 'vitest'
import {figure, median, medianInterval, perRound, range, spread} from './parts.js'

describe("the bench's figures", () => {
  it('have a median, between the two in the middle of an even count', () => {
    expect(median([9, 1, 2])).toBe(2)
    expect(median([9, 1, 2, 4])).toBe(3)
  })

  it('have an interval of 95 % about it, by the order of the values alone', () => {
    const to = (count: number) => Array.from({length: count}, (_, index) => count - index)
    // As tables of the sign test have it.
    expect(medianInterval(to(6))).toEqual([1, 6])
    expect(medianInterval(to(10))).toEqual([2, 9])
    expect(medianInterval(to(30))).toEqual([10, 21])
    expect(medianInterval(to(40))).toEqual([14, 27])
    expect(() => medianInterval(to(5))).toThrow(RangeError)
  })

  it('are written with as many digits as a person reads', () => {
    expect([0.5, 9.876, 12.34, 1_234.5].map(figure)).toEqual(['0.50', '9.88', '12.3', '1,235'])
    expect(range([3, 1, 2])).toBe('2.00 (1.00 to 3.00)')
    expect(spread([3, 1, 2], 0)).toBe('2 (1 to 3)')
  })

  it('are held against those of the same round', () => {
    expect(perRound([10, 30], [5, 10])).toEqual([2, 3])
  })
})
