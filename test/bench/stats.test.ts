import {describe, expect, it} from 'vitest'
import {figure, median, perRound, range, spread} from './parts.js'

describe("the bench's figures", () => {
  it('have a median, between the two in the middle of an even count', () => {
    expect(median([9, 1, 2])).toBe(2)
    expect(median([9, 1, 2, 4])).toBe(3)
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
