import {setImmediate as turn} from 'node:timers/promises'
import * as fc from 'fast-check'
import {Inbox, type Flow, type Reader} from '#candy/connection/inbox.js'
import {describe, expect, it, onTestFinished, vi} from 'vitest'

const frameOf = (n: number, size = 4) => {
  const data = Buffer.alloc(size)
  data.writeUInt32BE(n)
  return {data, binary: true}
}
const numberOf = ({data}: {data: Buffer}) => data.readUInt32BE()

/** Counts what the inbox does to the socket; `paused` as the socket would see it. */
class FakeFlow {
  paused = false
  pauses = 0
  moves = 0
  pause() {
    expect(this.paused).toBe(false)
    this.paused = true
    this.pauses += 1
  }
  moved() {
    expect(this.paused).toBe(true)
    this.moves += 1
  }
  resume() {
    expect(this.paused).toBe(true)
    this.paused = false
  }
}

const limits = {maxPending: 64, maxPendingBytes: 256 * 1024, handlerTimeout: 'off'} as const

function inboxOf(
  handle: Reader['handle'],
  flow: Flow,
  held: Reader['limits'],
  parallel: number,
  exceeded: Reader['exceeded'] = () => undefined,
): Inbox {
  return new Inbox({handle, exceeded, limits: held, parallel}, flow)
}

describe('Inbox', () => {
  it('row 42: hands out every frame once, in order, one at a time, however long handlers take', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({min: 0, max: 3}), {maxLength: 200}),
        fc.nat({max: 20}),
        fc.nat({max: 200}),
        async (delays, burst, openAt) => {
          const handled: number[] = []
          let running = 0
          const flow = new FakeFlow()
          const inbox = inboxOf(
            async frame => {
              expect((running += 1)).toBe(1)
              for (let n = delays[numberOf(frame)]!; n > 0; n -= 1) await turn()
              handled.push(numberOf(frame))
              running -= 1
            },
            flow,
            {...limits, maxPending: 8},
            1,
          )
          for (let n = 0; n < delays.length; n += 1) {
            if (n === openAt) inbox.open()
            inbox.push(frameOf(n))
            if (burst > 0 && n % burst === 0) await turn()
          }
          inbox.open()
          await inbox.idle()
          expect(handled).toEqual(delays.map((_, n) => n))
          expect(flow.paused).toBe(false)
        },
      ),
      {numRuns: 60},
    )
  })

  it('hands out at most n at a time under parallel: n, and begins them in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({min: 1, max: 5}),
        fc.array(fc.nat({max: 3}), {maxLength: 40}),
        async (n, delays) => {
          const begun: number[] = []
          let running = 0
          let most = 0
          const inbox = inboxOf(
            async frame => {
              begun.push(numberOf(frame))
              most = Math.max(most, (running += 1))
              for (let left = delays[numberOf(frame)]!; left >= 0; left -= 1) await turn()
              running -= 1
            },
            new FakeFlow(),
            limits,
            n,
          )
          inbox.open()
          delays.forEach((_, index) => inbox.push(frameOf(index)))
          await inbox.idle()
          expect(begun).toEqual(delays.map((_, index) => index))
          expect(most).toBeLessThanOrEqual(n)
          if (delays.length > n) expect(most).toBe(n)
        },
      ),
      {numRuns: 40},
    )
  })

  it('pauses at the 64th frame held, and resumes at half of it', async () => {
    const flow = new FakeFlow()
    const held: (() => void)[] = []
    const inbox = inboxOf(() => new Promise<void>(resolve => held.push(resolve)), flow, limits, 1)
    for (let n = 0; n < 63; n += 1) inbox.push(frameOf(n))
    expect(flow.paused).toBe(false)
    inbox.push(frameOf(63))
    expect(flow.paused).toBe(true)
    inbox.open()
    for (let done = 0; flow.paused; done += 1) {
      await turn()
      expect(done).toBeLessThan(64)
      if (flow.paused) held.shift()!()
      await turn()
    }
    // 32 are held then; the one that runs is held no more.
    let left = 0
    for (await turn(); held.length > 0; await turn()) {
      held.shift()!()
      left += 1
    }
    expect(left).toBe(33)
  })

  it('pauses at 256 KiB, even of one frame', () => {
    const flow = new FakeFlow()
    const inbox = inboxOf(() => undefined, flow, limits, 1)
    inbox.push(frameOf(0, 256 * 1024 - 1))
    expect(flow.paused).toBe(false)
    inbox.push(frameOf(1, 4))
    expect(flow.paused).toBe(true)
  })

  it.each([
    ['maxPending', {maxPending: 2, maxPendingBytes: 'off'}],
    ['maxPendingBytes', {maxPending: 'off', maxPendingBytes: 8}],
  ] as const)('says once which limit made it pause: %s', async (limit, held) => {
    const told: string[] = []
    const flow = new FakeFlow()
    const inbox = inboxOf(
      () => undefined,
      flow,
      {...limits, ...held},
      1,
      exceeded => told.push(exceeded),
    )
    for (let pauses = 1; pauses <= 2; pauses += 1) {
      inbox.hold()
      inbox.push(frameOf(1))
      inbox.push(frameOf(2))
      inbox.open()
      await turn()
      expect(flow).toMatchObject({pauses, paused: false})
    }
    expect(told).toEqual([limit])
  })

  it('tells of each frame that has its turn while reading is paused', async () => {
    const flow = new FakeFlow()
    const inbox = inboxOf(() => turn(), flow, {...limits, maxPending: 8}, 1)
    for (let n = 0; n < 8; n += 1) inbox.push(frameOf(n))
    inbox.open()
    await inbox.idle()
    // The other four have theirs when reading goes on.
    expect(flow.moves).toBe(4)
  })

  it("never pauses with limits 'off'", () => {
    const flow = new FakeFlow()
    const inbox = inboxOf(() => undefined, flow, {...limits, maxPending: 'off', maxPendingBytes: 'off'}, 1)
    for (let n = 0; n < 5_000; n += 1) inbox.push(frameOf(n))
    expect(flow.pauses).toBe(0)
  })

  it('drops what it holds once stopped, resumes reading, and is idle when the running one ends', async () => {
    const flow = new FakeFlow()
    const handled: number[] = []
    let finish!: () => void
    const inbox = inboxOf(
      frame => {
        handled.push(numberOf(frame))
        return new Promise<void>(resolve => (finish = resolve))
      },
      flow,
      limits,
      1,
    )
    inbox.open()
    for (let n = 0; n < 100; n += 1) inbox.push(frameOf(n))
    await turn()
    inbox.stop()
    inbox.push(frameOf(100))
    expect(flow.paused).toBe(false)
    let idle = false
    const ended = inbox.idle().then(() => (idle = true))
    await turn()
    expect(idle).toBe(false)
    finish()
    await ended
    expect(handled).toEqual([0])
  })

  it('holds back again after hold()', async () => {
    const handled: number[] = []
    const inbox = inboxOf(
      frame => {
        handled.push(numberOf(frame))
        if (handled.length === 2) inbox.hold()
      },
      new FakeFlow(),
      limits,
      1,
    )
    for (let n = 0; n < 5; n += 1) inbox.push(frameOf(n))
    inbox.open()
    await turn()
    expect(handled).toEqual([0, 1])
    inbox.open()
    await inbox.idle()
    expect(handled).toEqual([0, 1, 2, 3, 4])
  })
  describe("with handlerTimeout 'off'", () => {
    const day = 86_400_000
    const timed = () => {
      vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout']})
      onTestFinished(() => void vi.useRealTimers())
    }

    it('waits half a minute, and no more, for somebody who listens', async () => {
      timed()
      const inbox = inboxOf(() => expect.unreachable(), new FakeFlow(), limits, 1)
      inbox.push(frameOf(1))
      const idle = inbox.idle()
      vi.advanceTimersByTime(30_000)
      await idle
      expect(inbox.isIdle).toBe(true)
    })

    it('waits for a handler as long as that takes, and not for one that may follow it', async () => {
      timed()
      let finish!: () => void
      const inbox = inboxOf(() => new Promise<void>(resolve => (finish = resolve)), new FakeFlow(), limits, 1)
      inbox.push(frameOf(1))
      inbox.push(frameOf(2))
      let isIdle = false
      const idle = inbox.idle().then(() => (isIdle = true))
      vi.advanceTimersByTime(20_000)
      inbox.open()
      await turn()
      inbox.hold()
      vi.advanceTimersByTime(day)
      await turn()
      expect(isIdle).toBe(false)
      finish()
      await turn()
      vi.advanceTimersByTime(30_000)
      await idle
    })
  })
})
