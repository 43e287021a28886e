import {encodeBinary, textFrame, type Frame} from '#candy/rooms/frame.js'
import {createHash} from 'node:crypto'
import {setImmediate as turn} from 'node:timers/promises'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {framedPair, type FramedPair} from '../support/framed-pair.js'

const members = 3

/** Lengths around those at which a frame's header grows, a message is compressed, or pieces are cut. */
const length = fc.constantFrom(0, 1, 125, 126, 1_500, 17_000, 65_535, 65_536)
const member = fc.integer({min: 0, max: members - 1})

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({do: fc.constant('unicast' as const), member, length, binary: fc.boolean()}),
  },
  {weight: 4, arbitrary: fc.record({do: fc.constant('broadcast' as const), length, binary: fc.boolean()})},
  // What ws does by itself meanwhile: it compresses with a context of its own, in another thread.
  {weight: 1, arbitrary: fc.record({do: fc.constant('compressed' as const), member, length})},
  {weight: 1, arbitrary: fc.record({do: fc.constant('fragmented' as const), member, length})},
  {weight: 2, arbitrary: fc.record({do: fc.constant('turn' as const)})},
  {weight: 1, arbitrary: fc.record({do: fc.constant('close' as const), member})},
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Does the steps to real connections, and keeps what each member must hear. */
class World {
  readonly expected: string[][]
  #count = 0

  constructor(readonly pairs: readonly FramedPair[]) {
    this.expected = pairs.map(() => [])
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const one of steps) await this.#do(one)
  }

  async #do(one: Step): Promise<void> {
    if (one.do === 'turn') return turn()
    if (one.do === 'close') return this.pairs[one.member]!.server.close()
    const text = `${(this.#count += 1)}:`.padEnd(one.length, 'xyzü'[this.#count % 4])
    if (one.do === 'broadcast') {
      const frame = frameOf(text, one.binary)
      for (const index of this.pairs.keys()) this.#send(index, frame, text)
    } else if (one.do === 'unicast') this.#send(one.member, frameOf(text, one.binary), text)
    else await this.#behindOurs(one.member, text, one.do === 'fragmented')
  }

  #send(index: number, frame: Frame, text: string): void {
    const {outbox, server} = this.pairs[index]!
    if (server.readyState !== 1) return
    this.expected[index]!.push(inShort(frame.binary ? Buffer.from(text).toString('hex') : text))
    outbox.send(frame)
  }

  async #behindOurs(index: number, text: string, fragmented: boolean): Promise<void> {
    const {outbox, server} = this.pairs[index]!
    if (server.readyState !== 1) return
    // Who goes to the socket past the outbox waits until that is empty; what is sent from then on, may not overtake it.
    this.expected[index]!.push(inShort('mark'))
    await new Promise<void>(resolve => outbox.send(textFrame('mark'), undefined, resolve))
    if (fragmented) {
      server.send(text.slice(0, 5), {fin: false, compress: false})
      server.send(text.slice(5), {fin: true, compress: false})
    } else server.send(text, {compress: true})
    this.expected[index]!.push(inShort(text))
  }
}

function frameOf(text: string, binary: boolean): Frame {
  return binary ? encodeBinary(Buffer.from(text)) : textFrame(text)
}

/** Enough to tell two messages apart, and one that was damaged. */
function inShort(text: string): string {
  return `${text.slice(0, 8)}…${text.length}…${createHash('sha1').update(text).digest('hex')}`
}

describe('every client hears its messages in the order they were sent', () => {
  it.each([
    ['without compression', false],
    ['compressed by Candy, each by itself', {serverNoContextTakeover: true, clientNoContextTakeover: true}],
    ['compressed by ws, with a context', {serverNoContextTakeover: false}],
  ])(
    '%s',
    async (_name, deflate) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, {maxLength: 40}), async steps => {
          const pairs = await Promise.all(Array.from({length: members}, () => framedPair(deflate)))
          const world = new World(pairs)
          await world.run(steps)
          for (const {server} of pairs) server.close()
          await Promise.all(pairs.map(({closed}) => closed))
          expect(pairs.map(({heard}) => heard.map(inShort))).toEqual(world.expected)
        }),
        {numRuns: 200},
      )
    },
    60_000,
  )
})
