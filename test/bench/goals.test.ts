import {describe, expect, it} from 'vitest'
import {judge} from './parts.js'

const costs = {candy: [2, 4, 3], ws: [8, 12, 6]}

describe('a goal of the bench', () => {
  it('of so many times cheaper is reached by the median of the rounds', () => {
    const judged = judge({against: 'ws', atLeast: 3, aim: 3.5}, costs)
    expect(judged).toMatchObject({value: 3, least: 2, most: 4, reached: true, aimReached: false})
    expect(judge({against: 'ws', atLeast: 3.1, aim: 4}, costs).reached).toBe(false)
  })

  it('of at most so many times the cost is reached from below', () => {
    const judged = judge({against: 'ws', atMost: 0.4, aim: 0.3}, costs)
    expect(judged).toMatchObject({value: 1 / 3, reached: true, aimReached: false})
    expect(judge({against: 'ws', atMost: 0.3, aim: 0.2}, costs).reached).toBe(false)
  })

  it('of a cost itself needs no peer', () => {
    expect(judge({atMost: 3, aim: 2}, costs)).toMatchObject({value: 3, reached: true, aimReached: false})
  })

  it('is not reached where one of the two was not measured', () => {
    expect(judge({against: 'bun', atLeast: 0, aim: 0}, costs)).toMatchObject({
      measured: false,
      reached: false,
    })
    expect(judge({atMost: 9, aim: 9}, {})).toMatchObject({measured: false, reached: false})
  })
})
