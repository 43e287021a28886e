import {once} from 'node:events'
import {performance} from 'node:perf_hooks'
import {Wheel, type Watched} from '#candy/connection/wheel.js'
import {afterEach, describe, expect, it, onTestFinished, vi} from 'vitest'
import {numbers} from '../support/late.js'

let wheel: Wheel
afterEach(() => wheel.end())

/** Notes when it is looked at, and asks for its next look after so long each. */
class Notes implements Watched {
  readonly looks: number[] = []
  readonly #delays: number[]
  #told: () => void = () => undefined

  constructor(...delays: number[]) {
    this.#delays = delays
  }

  look(): number {
    this.looks.push(performance.now())
    this.#told()
    return this.#delays.shift() ?? 0
  }

  async looked(times: number): Promise<readonly number[]> {
    while (this.looks.length < times) await new Promise<void>(resolve => (this.#told = resolve))
    return this.looks
  }
}

/** Makes a time of the real one until the test is over. */
function clock(make: (now: number) => number): void {
  const now = performance.now.bind(performance)
  const spy = vi.spyOn(performance, 'now').mockImplementation(() => make(now()))
  onTestFinished(() => spy.mockRestore())
}

describe('the wheel', () => {
  it('looks when it is due, not before, and never again after 0', async () => {
    wheel = new Wheel()
    const [notes, later] = [new Notes(300, 200), new Notes()]
    const start = performance.now()
    wheel.add(notes, 200)
    wheel.add(later, 1_200)
    const [first, second, third] = (await notes.looked(3)) as [number, number, number]
    // A timer may be early by a millisecond each time.
    expect(first - start).toBeGreaterThan(95)
    expect(second - first).toBeGreaterThan(290)
    expect(third - second).toBeGreaterThan(190)
    expect(later.looks).toEqual([])
    await later.looked(1)
    expect(notes.looks).toHaveLength(3)
  })

  it('looks at what is due later than a turn once in each turn', async () => {
    wheel = new Wheel()
    const notes = new Notes(60_000)
    const start = performance.now()
    wheel.add(notes, Number.POSITIVE_INFINITY)
    const [first] = await notes.looked(1)
    expect(first! - start).toBeGreaterThan(6_000)
  }, 20_000)

  it('has a timer that keeps no process alive', () => {
    wheel = new Wheel()
    const timers = () => process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length
    const before = timers()
    for (const delay of numbers(1_000)) wheel.add(new Notes(), delay)
    expect(timers()).toBe(before)
    for (const _ of numbers(1_000)) wheel.left()
  })

  it('begins anew for the next one', async () => {
    wheel = new Wheel()
    const dropped = new Notes()
    wheel.add(dropped, 100)
    wheel.left()
    const notes = new Notes()
    wheel.add(notes, 300)
    await notes.looked(1)
    expect(dropped.looks).toEqual([])
  })

  it('knows for how long the process was away, until as much time has passed', async () => {
    wheel = new Wheel()
    const end = new Notes(100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100)
    wheel.add(end, 100)
    await end.looked(2)
    const until = performance.now() + 600
    while (performance.now() < until);
    wheel.refresh()
    expect(wheel.away).toBeGreaterThan(390)
    expect(wheel.away).toBeLessThan(5_000)
    while (wheel.away > 0) await end.looked(end.looks.length + 1)
  }, 20_000)

  it('counts time and not ticks: a busy loop, which has a third of them, makes nothing late', async () => {
    const start = performance.now()
    clock(now => start + 3 * (now - start))
    wheel = new Wheel()
    const notes = new Notes(1_500)
    wheel.add(notes, 1_500)
    const [first, second] = await notes.looked(2)
    // By ticks: after 4,500 and 9,000.
    expect(first! - start).toBeLessThan(3_500)
    expect(second! - start).toBeLessThan(7_000)
  })

  it('does not make everything due at once when the process was stopped: the peers are heard first', async () => {
    let stopped = 0
    clock(now => now + stopped)
    wheel = new Wheel()
    const [soon, later] = [new Notes(), new Notes()]
    wheel.add(soon, 300)
    wheel.add(later, 3_000)
    stopped = 10_000
    const [first] = await soon.looked(1)
    expect(later.looks).toEqual([])
    const [second] = await later.looked(1)
    expect(second! - first!).toBeGreaterThan(1_000)
  })

  it('looks after what has come was read, so that nobody is taken for dead who has answered', async () => {
    wheel = new Wheel()
    const {port1, port2} = new MessageChannel()
    const order: string[] = []
    const looked = new Promise<void>(resolve =>
      wheel.add(
        {
          look: () => {
            order.push('looked')
            resolve()
            return 0
          },
        },
        100,
      ),
    )
    const heard = once(port2, 'message').then(() => order.push('read'))
    // Both are overdue when the loop goes on.
    port1.postMessage('an answer')
    const until = performance.now() + 300
    while (performance.now() < until);
    await Promise.all([looked, heard])
    port1.close()
    expect(order).toEqual(['read', 'looked'])
  })
})
