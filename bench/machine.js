import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {availableParallelism, cpus, release, totalmem} from 'node:os'
import {setTimeout as delay} from 'node:timers/promises'

const cores = availableParallelism()
const hasTaskset = runs('taskset', '--version')

/** Server on one core, load on another: else the load takes the time it measures. */
export const apart = hasTaskset && cores > 1

function runs(command, ...args) {
  try {
    execFileSync(command, args, {stdio: 'ignore'})
    return true
  } catch {
    return false
  }
}

/** The words that start a program on a core of its own, where that can be had. */
export const pinned = (core, command) => (apart ? ['taskset', '-c', String(core), ...command] : command)

/** Time that all cores have worked and slept, in ticks. */
function ticks() {
  const all = cpus().flatMap(({times}) => Object.entries(times))
  const sum = entries => entries.reduce((total, [, time]) => total + time, 0)
  return {idle: sum(all.filter(([name]) => name === 'idle')), total: sum(all)}
}

/** The share of the machine that others use, measured for a second in which the bench does nothing. */
async function othersShare() {
  const before = ticks()
  await delay(1_000)
  const after = ticks()
  return 1 - (after.idle - before.idle) / (after.total - before.total)
}

function memory() {
  return `${Math.round(totalmem() / 2 ** 30)} GiB`
}

function system() {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))[1]
  } catch {
    return process.platform
  }
}

export async function machine() {
  const others = await othersShare()
  return {
    processor: `${cores} x ${cpus()[0].model.trim()}`,
    memory: memory(),
    system: `${system()}, kernel ${release()}`,
    node: process.version,
    pinning: apart
      ? 'the server has core 0, the load core 1'
      : `server and load share ${cores > 1 ? 'the cores (no taskset here)' : 'one core'}: figures are noisier than they need be`,
    others: `other programs used ${Math.round(others * 100)} % of it${others > 0.1 ? ': figures are bent by that, those of p99 most' : ''}`,
  }
}
