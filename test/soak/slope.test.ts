import {describe, expect, it} from 'vitest'
import {lastHalf, slopeOf, type Sample} from '../../soak/slope.js'

/** Draws that are the same in every run, roughly normal: the sum of twelve, less six. */
function noiseOf(seed: number): () => number {
  let state = seed
  const draw = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
  return () => Array.from({length: 12}, draw).reduce((sum, one) => sum + one, -6)
}

/** A line, and what swings about it; `memory` is how much of a swing is left in the next sample. */
function series(noise: () => number, perSecond: number, memory: number): Sample[] {
  let swing = 0
  return Array.from({length: 60}, (_, at) => {
    swing = memory * swing + noise()
    return {at, value: 1_000 + perSecond * at + swing}
  })
}

/** In how many of 500 runs the interval holds the slope that there is. */
function held(seed: number, memory: number): number {
  const noise = noiseOf(seed)
  const runs = Array.from({length: 500}, () => slopeOf(series(noise, 0.5, memory)))
  return runs.filter(({low, high}) => low <= 0.5 && 0.5 <= high).length
}

describe('the slope of a soak', () => {
  it('is that of a line, known exactly', () => {
    const samples = [...Array(10).keys()].map(at => ({at, value: 5 + 3 * at}))
    const {perSecond, low, high} = slopeOf(samples)
    expect([perSecond, low, high].map(value => value.toFixed(6))).toEqual([
      '3.000000',
      '3.000000',
      '3.000000',
    ])
  })

  it('is nothing where nothing changes', () => {
    const samples = [...Array(10).keys()].map(at => ({at, value: 7}))
    expect(slopeOf(samples)).toEqual({perSecond: 0, low: 0, high: 0, correlation: 0})
  })

  it('has the interval of a textbook where samples are not alike: 3, 2, 5, 4, 7, 6, 9, 8 at 1 to 8', () => {
    const values = [3, 2, 5, 4, 7, 6, 9, 8]
    const {perSecond, low, high} = slopeOf(values.map((value, index) => ({at: index + 1, value})))
    // Slope 38 / 42, residual squares 7.619, Student's t with 6 degrees of freedom 2.4469.
    expect(perSecond).toBeCloseTo(38 / 42, 9)
    expect([low, high]).toEqual([expect.closeTo(0.4793, 2), expect.closeTo(1.3302, 2)])
  })

  it('holds the true slope in 95 of 100 runs', () => {
    expect(held(1, 0)).toBeGreaterThanOrEqual(465)
  })

  it('holds it also where each sample is much like the one before', () => {
    expect(held(2, 0.6)).toBeGreaterThanOrEqual(455)
  })

  it('sees one that is there', () => {
    const noise = noiseOf(3)
    const runs = Array.from({length: 100}, () => slopeOf(series(noise, 0.1, 0.3)))
    expect(runs.filter(({low}) => low > 0).length).toBeGreaterThanOrEqual(95)
  })

  it('says nothing of a handful of samples', () => {
    expect(() => slopeOf(series(noiseOf(4), 1, 0).slice(0, 7))).toThrow(
      new RangeError('7 samples say nothing of a slope'),
    )
  })

  it('is asked of the last half', () => {
    expect(lastHalf([1, 2, 3, 4, 5])).toEqual([3, 4, 5])
  })
})
