import {describe, expect, it} from 'vitest'
import {fallenBelow, floorsOf, resultOf} from './parts.js'
import {results} from './results.js'

const slower = (factor: number) =>
  results.map(result => {
    const candy = {...result.peers.candy!, costs: result.peers.candy!.costs.map(cost => cost * factor)}
    return {...result, peers: {...result.peers, candy}}
  })

describe('the guard', () => {
  it('holds Candy against ws and the best on ws, 20 % below the last results', () => {
    expect(floorsOf(results)).toEqual([
      {suite: 'echo-16', against: 'ws', ratio: 3, floor: 3 * 0.8},
      {suite: 'echo-16', against: 'ws-batch', ratio: 1, floor: 0.8},
    ])
  })

  it('is content with results a fifth worse, and not with worse than that', () => {
    const floors = floorsOf(results)
    expect(fallenBelow(floors, results)).toEqual([])
    expect(fallenBelow(floors, slower(1.2))).toEqual([])
    expect(fallenBelow(floors, slower(1.3)).map(({against}) => against)).toEqual(['ws', 'ws-batch'])
  })

  it('is not content with what was not measured', () => {
    expect(fallenBelow(floorsOf(results), []).map(({ratio}) => ratio)).toEqual([undefined, undefined])
  })

  it('leaves out suites that a busy machine bends', () => {
    const suite = {
      name: 'p99',
      title: '',
      unit: '',
      guarded: false,
      goals: [],
      cost: (one: {p99: number}) => one.p99,
    }
    const figures = {candy: [{p99: 1}], ws: [{p99: 1}]}
    expect(floorsOf([resultOf(suite, {figures, faults: {}})])).toEqual([])
  })
})
