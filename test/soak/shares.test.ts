import {describe, expect, it} from 'vitest'
import {largestShare} from '../../soak/shares.js'

describe('the largest share', () => {
  it('is that of every part, where values are spread evenly', () => {
    const even = Array.from({length: 100}, (_, index) => index)
    expect(largestShare(even, 100, 10)).toBe(0.1)
  })

  it('is all of them, where they come at once', () => {
    expect(largestShare([51, 52, 53, 54], 100, 10)).toBe(1)
  })

  it('has what lies outside of the range at its ends', () => {
    expect(largestShare([-5, 1, 50, 99, 100, 250], 100, 10)).toBe(0.5)
  })
})
