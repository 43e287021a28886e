import {describe, expect, it} from 'vitest'
import {markdown, peerRows} from './parts.js'
import {results, run} from './results.js'

describe('the report of the bench', () => {
  const text = markdown(run)

  it('says of every goal what was measured, its floor, its aim, and whether it is reached', () => {
    const row = (words: string) => text.split('\n').find(line => line.includes(words))
    expect(row('ws, by hand | 3.00x')).toMatch(
      /\(2\.75x to 3\.25x\) cheaper \| at least 3\.00x \| 4\.00x \| reached \|$/,
    )
    expect(row('framework tax')).toMatch(/1\.00x .* its cost \| at most 0\.90x \| 0\.80x \| NOT REACHED \|$/)
    expect(row('| Socket.IO |')).toMatch(/nothing .* NOT MEASURED \|$/)
  })

  it('says who was not measured, and why', () => {
    expect(text).toContain('@fastify/websocket NOT MEASURED: a wrong answer')
  })

  it('says where the time goes, of a suite with a goal that is missed', () => {
    const missed = {...results[0]!, profile: [{name: 'writeBuffer', share: 0.4921}]}
    expect(markdown({...run, results: [missed]})).toContain('- 49.2 % writeBuffer')
    expect(text).not.toContain("Where Candy's time goes")
  })

  it('names the machine, the versions and the limits', () => {
    expect(text).toContain('2 x a <processor> & more, 24 GiB, a system, Node v20; the server has core 0')
    expect(text).toContain('- candy abc, ws 8.0.0')
    expect(text).toContain('- a limit, raised to 10,000')
  })

  it('lists peers by their cost, beside that of Candy, and marks where the load was busy', () => {
    const [, ...rows] = peerRows(results[0]!)
    expect(rows.map(([name]) => name)).toEqual(['Bun', 'Candy', 'ws, batched by hand', 'ws, by hand'])
    expect(rows[3]![2]).toBe('3.00 (2.75 to 3.25)')
    expect(rows.map(row => row[4]!.endsWith('(!)'))).toEqual([true, false, false, false])
    expect(text).toContain('(!) The load was busy nearly all the time')
  })
})
