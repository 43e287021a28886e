import {setTimeout as delay} from 'node:timers/promises'

/**
 * Waits for what no event tells. Unlike `expect.poll` it is nobody's test, so it also holds where several run at once.
 *
 * @param within milliseconds
 */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  what = holds.toString(),
  within = 20_000,
): Promise<void> {
  const deadline = performance.now() + within
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`it did not come to be within ${within} ms: ${what}`)
    await delay(10)
  }
}
