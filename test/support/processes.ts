import {execFileSync} from 'node:child_process'

/** The processes that run, each with its parent; one that has ended and waits to be asked how is none. */
function running(): Map<number, number> {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], {encoding: 'utf8'}).trim().split('\n')
  const cells = rows.map(row => row.trim().split(/\s+/))
  return new Map(
    cells
      .filter(([, , state]) => !state!.startsWith('Z'))
      .map(([pid, parent]) => [Number(pid), Number(parent)]),
  )
}

export function childrenOf(parent: number): number[] {
  return [...running()].flatMap(([pid, of]) => (of === parent ? [pid] : []))
}

export function stillRunning(pids: readonly number[]): number[] {
  const now = running()
  return pids.filter(pid => now.has(pid))
}

/** Whether it has been told to stand still, and does. */
export function isStopped(pid: number): boolean {
  return execFileSync('ps', ['-o', 'stat=', '-p', `${pid}`], {encoding: 'utf8'}).startsWith('T')
}
