import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {Program} from '../support/cli.js'

interface Left {
  readonly times: number
  /** Bytes of live heap, over the last two fifths. */
  readonly grown: number
  /** Of the log, without those for whoever asks for more. */
  readonly lines: number
  /** The others, of tokens. */
  readonly details: number
  readonly made: number
  readonly disposed: number
  readonly rooms: number
}

async function leftOf(scenario: string): Promise<Left> {
  const files = [
    join(import.meta.dirname, '../support/typescript.mjs'),
    join(import.meta.dirname, 'heap-child.ts'),
  ]
  const child = new Program(process.execPath, ['--expose-gc', '--import', files[0]!, files[1]!, scenario])
  const {code, stdout, stderr} = await child.exited
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as Left
}

const mib = 1_024 * 1_024

describe('a hundred thousand times', {timeout: 90_000}, () => {
  it('row 69: a transient service with dispose() is disposed each time, and nothing is kept', async () => {
    const {grown, made, disposed} = await leftOf('disposables')
    expect([made, disposed]).toEqual([100_000, 100_000])
    expect(grown).toBeLessThan(mib)
  })

  it('row 70: a handler throws: a flat heap, and a log that can be read', async () => {
    const {grown, lines} = await leftOf('errors')
    expect(grown).toBeLessThan(mib)
    expect(lines).toBeGreaterThan(0)
    expect(lines).toBeLessThan(1_000)
  })

  it('row 70: rooms are joined and left: a flat heap', async () => {
    const {grown, rooms} = await leftOf('rooms')
    expect(rooms).toBe(100_000)
    expect(grown).toBeLessThan(mib)
  })

  it('row 70: a token is refused, a tenth as often: a flat heap, and no line but for who asks for it', async () => {
    const {grown, lines, details, times} = await leftOf('tokens')
    expect(grown).toBeLessThan(mib)
    expect(details).toBe(times)
    // Of the app's own end.
    expect(lines).toBeLessThanOrEqual(2)
  })
})
