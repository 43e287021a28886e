import {createHook} from 'node:async_hooks'
import {inflateRawSync} from 'node:zlib'
import {deflate} from '#candy/rooms/deflate.js'
import {expect, it} from 'vitest'
import {numbers} from '../support/late.js'

it('compresses two long messages at once, and the others as they came', async () => {
  let begun = 0
  const hook = createHook({init: (_, type) => void (type === 'ZLIB' && (begun += 1))}).enable()
  const texts = numbers(20).map(n => `${n} a long message `.repeat(2_000))
  const order: number[] = []
  const compressed = texts.map((text, n) =>
    Promise.resolve(deflate(text, text.length)).then(bytes => (order.push(n), bytes)),
  )
  expect(begun).toBe(2)
  const made = await Promise.all(compressed)
  hook.disable()
  expect(begun).toBe(20)
  // Two threads may end the other way round.
  for (const [index, n] of order.entries()) expect(Math.abs(index - n)).toBeLessThanOrEqual(1)
  expect(made.map(bytes => inflate(bytes!))).toEqual(texts)
})

function inflate(bytes: Buffer): string {
  return inflateRawSync(Buffer.concat([bytes, Buffer.from([0, 0, 0xff, 0xff])]), {finishFlush: 2}).toString()
}
