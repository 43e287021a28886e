import {expect, it} from 'vitest'
// @ts-expect-error the bench is JavaScript, without types
import * as simulation from '../../bench/simulation.js'

interface Spread {
  readonly mean: number
  readonly most: number
}

interface Load {
  readonly connections: Spread
  readonly subscriptions: Spread
  readonly published: Spread
  readonly heard: Spread
  readonly delivered: Spread
  readonly leavingShare: number
  readonly nodesPerMessage: number
  readonly bus: {readonly taken: number; readonly handed: number}
  readonly nodeShare: {readonly single: Spread}
  readonly redisShare: {readonly single: number}
}

const simulate = simulation.simulate as (options: object, placement: string, costs?: object) => Load

const small = {connections: 2_000, nodes: 4, rooms: 50, roomsEach: 2, rate: 1}

it('finds the same for the same seed, and something else for another', () => {
  expect(simulate(small, 'random')).toEqual(simulate(small, 'random'))
  expect(simulate({...small, seed: 2}, 'random')).not.toEqual(simulate(small, 'random'))
})

it('delivers every message to every member, wherever they are', () => {
  for (const placement of ['random', 'by room']) {
    const {connections, delivered, published, heard, bus, nodesPerMessage} = simulate(small, placement)
    expect(connections.mean).toBe(500)
    // Each of 4,000 memberships hears one message a second.
    expect(delivered.mean * 4).toBeCloseTo(4_000)
    expect(published.mean * 4).toBeCloseTo(50)
    expect(bus.taken).toBe(50)
    expect(bus.handed).toBeCloseTo(50 * nodesPerMessage)
    // Redis hands a message back to the node that it is from, which does not count as heard.
    expect(heard.mean * 4).toBeCloseTo(bus.handed - bus.taken)
  }
})

it('keeps a room in one place if its members are in no other', () => {
  const alone = {...small, roomsEach: 1}
  expect(simulate(alone, 'by room')).toMatchObject({leavingShare: 0, nodesPerMessage: 1, heard: {mean: 0}})
  expect(simulate(alone, 'random').leavingShare).toBeGreaterThan(0.9)
})

it('has one node do it all where there is one', () => {
  const {leavingShare, subscriptions, heard} = simulate({...small, nodes: 1}, 'random')
  expect({leavingShare, heard: heard.most, subscriptions: subscriptions.most}).toEqual({
    leavingShare: 0,
    heard: 0,
    subscriptions: 50,
  })
})

it('makes some rooms larger than others, unless it is told not to', () => {
  // All are on the node of their room: what is uneven is the rooms.
  const skewed = simulate({...small, roomsEach: 1, skew: 2}, 'by room').connections.most
  const even = simulate({...small, roomsEach: 1, skew: 0}, 'by room').connections.most
  expect(skewed).toBeGreaterThan(1.5 * even)
})

it('reckons what it costs', () => {
  const free = {publish: 0, hear: 0, deliver: 0, redis: 0, redisHand: 0}
  const costs = {single: {...free, deliver: 100, redis: 1_000}, together: free}
  const {nodeShare, redisShare} = simulate(small, 'random', costs)
  expect(nodeShare.single.mean).toBeCloseTo(0.1)
  expect(redisShare.single).toBeCloseTo(0.05)
})

it('refuses what cannot be', () => {
  expect(() => simulate({...small, roomsEach: 60}, 'random')).toThrow(RangeError)
})
