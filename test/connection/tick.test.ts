import {textFrame} from '#candy/rooms/frame.js'
import {execFileSync} from 'node:child_process'
import {afterEach, expect, it, vi} from 'vitest'

// In a process of its own: what follows promises for stack traces here keeps them.
const turns = `
  import {setImmediate as turn} from 'node:timers/promises'
  import {Tick} from '#candy/connection/tick.js'
  import {textFrame} from '#candy/rooms/frame.js'
  const tick = new Tick()
  const outbox = {flush() {}}
  // Now the tick is old: what it points at is not freed by the collector of young objects.
  gc()
  const before = process.memoryUsage().heapUsed
  for (let number = 0; number < 400; number += 1) {
    tick.begin(outbox, textFrame(number + 'x'.repeat(10_000)))
    await turn()
  }
  gc({type: 'minor'})
  gc({type: 'minor'})
  console.log(process.memoryUsage().heapUsed - before)`

afterEach(() => void vi.useRealTimers())

it('flushes in real turns of the event loop, also where it is loaded while the timers are faked', async () => {
  vi.useFakeTimers({toFake: ['setImmediate']})
  // The query makes it a module of its own, loaded now.
  const loaded = '#candy/connection/tick.js?while-faked'
  const {Tick} = (await import(loaded)) as typeof import('#candy/connection/tick.js')
  await new Promise<void>(flush => new Tick().begin({flush}, textFrame('hello')))
})

it('keeps nothing of a turn that is over, so the collector of young objects frees what was sent', () => {
  const kept = execFileSync(process.execPath, ['--expose-gc', '--input-type=module', '--eval', turns])
  expect(Number(kept)).toBeLessThan(2_000_000)
})
