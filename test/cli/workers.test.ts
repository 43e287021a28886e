import {readWorkers} from '#candy/cli/workers.js'
import {availableParallelism} from 'node:os'
import {expect, it, vi} from 'vitest'
import {appFolder} from '../support/app-folder.js'
import {candy} from '../support/cli.js'
import {childrenOf} from '../support/processes.js'

// A process takes long to start where many do.
vi.setConfig({testTimeout: 60_000})

it('--workers is a number of processes, or auto: one for each core', () => {
  expect([readWorkers(), readWorkers('1'), readWorkers('12')]).toEqual([1, 1, 12])
  expect(readWorkers('auto')).toBe(availableParallelism())
})

it.each(['', ' ', 'abc', '0', '-1', '1.5', '1e1', '1025', 'AUTO'])(
  'a wrong --workers is refused: "%s"',
  text => {
    expect(() => readWorkers(text)).toThrow(
      `--workers  the option 'workers' is '${text}' [INVALID_OPTION]\n` +
        '    It takes a whole number from 1 to 1024, or auto: one for each core.',
    )
  },
)

it('a wrong --workers: says so, exit 1; with another command, it is a wrong call', async () => {
  const dir = appFolder({})
  const [start, dev] = await Promise.all([
    candy(['start', dir, '--workers', 'many']).exited,
    candy(['dev', dir, '--workers', '2']).exited,
  ])
  expect(start).toMatchObject({code: 1, stdout: ''})
  expect(start.stderr).toMatch(/^--workers {2}the option 'workers' is 'many' /)
  expect(dev.code).toBe(2)
  expect(dev.stderr).toMatch(/^candy: 'dev' has no option --workers\n[^]*\[--workers N\|auto\]/)
})

it('one worker is the process itself', async () => {
  const program = candy(['start', appFolder({}), '--port', '0', '--workers', '1'])
  await program.url()
  expect(childrenOf(program.pid)).toEqual([])
})
