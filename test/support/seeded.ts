import {onTestFinished, vi} from 'vitest'

/** `Math.random`, the same in every run, until the test is over (mulberry32). */
export function seeded(seed: number): void {
  let state = seed
  const random = vi.spyOn(Math, 'random').mockImplementation(() => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  })
  onTestFinished(() => random.mockRestore())
}
