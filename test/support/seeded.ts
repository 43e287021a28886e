import {onTestFinished, vi} from 'vitest'

/** Numbers from 0 to 1, the same in every run (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** `Math.random`, the same in every run, until the test is over. */
export function seeded(seed: number): void {
  const random = vi.spyOn(Math, 'random').mockImplementation(randomOf(seed))
  onTestFinished(() => random.mockRestore())
}
