import {expect, it, vi} from 'vitest'
import {Dev, hello} from '../test/support/dev.js'
import {childrenOf, stillRunning} from '../test/support/processes.js'

vi.setConfig({testTimeout: 120_000})

const rounds = 10

/** A controller that says what a file beside it exports as well. */
const both = (n: number) =>
  `import {other} from '../lib/other.js'\n${hello(n).replace(`send(${n})`, `send([${n}, other, process.pid])`)}`
const other = (n: number) => `export const other: number = ${n}\n`

it('50 saves in a row, in the ways of editors: each is served, none missed, no process left', async () => {
  const dev = new Dev({'controllers/hello.ts': both(0), 'lib/other.ts': other(0)})
  const pids = new Set<number>()

  // A file that is half written when it is read is read again once it is whole.
  const served = async (n: number, m: number) => {
    for (;;) {
      const [a, b, pid] = ((await dev.says()) ?? []) as number[]
      if (pid) pids.add(pid)
      if (a === n && b === m) return
      await dev.reloaded()
    }
  }
  const route = async (path: string, says: unknown) => {
    while ((await dev.says(path)) !== says) await dev.reloaded()
  }

  await served(0, 0)
  for (let n = 1; n <= rounds * 3; n += 3) {
    dev.save({'controllers/hello.ts': both(n)})
    await served(n, n - 1)
    dev.replace('lib/other.ts', other(n))
    await served(n, n)
    dev.save({'lib/other.ts': other(n + 2), 'controllers/hello.ts': both(n + 1)})
    await served(n + 1, n + 2)
    dev.save({'controllers/new.ts': hello(`new ${n}`, '/new')})
    await route('/new', `new ${n}`)
    dev.remove('controllers/new.ts')
    await route('/new', undefined)
  }

  // What serves, and those that stand by; each version that served before is gone.
  await expect.poll(() => childrenOf(dev.program.pid)).toHaveLength(3)
  const children = childrenOf(dev.program.pid)
  expect((await dev.program.terminate()).code).toBe(0)
  expect(stillRunning([...pids, ...children])).toEqual([])
})
