import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {serve} from './serving.js'

/** What is told of a profile: whatever is below is a percent or less. */
const most = 12

/**
 * Where the time of Candy's server goes under the load of a suite: of a run of its own, as profiling costs some.
 *
 * @returns the functions with the most time in themselves, `{share, name}`, or `undefined` where no server is measured
 */
export async function profileOf(suite, prepared) {
  if (suite.start || suite.fresh) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'candy-bench-'))
  try {
    const server = await serve('candy', suite.work, suite.transport, [
      '--cpu-prof',
      `--cpu-prof-dir=${folder}`,
    ])
    try {
      await suite.measure(server, {warm: suite.warm ?? 1, seconds: 3}, prepared)
    } finally {
      await server.stop()
    }
    const [file] = readdirSync(folder)
    return file && busiest(JSON.parse(readFileSync(join(folder, file), 'utf8')))
  } finally {
    rmSync(folder, {recursive: true})
  }
}

const isAside = /^\(idle\)$|\(node:internal\/(?:modules|bootstrap)\//

/** @param profile as node writes it with `--cpu-prof`; left out are the time it waited, and its start */
export function busiest({nodes, samples, timeDeltas}) {
  const nameById = new Map(nodes.map(({id, callFrame}) => [id, nameOf(callFrame)]))
  const times = new Map()
  let sum = 0
  for (const [index, id] of samples.entries()) {
    const name = nameById.get(id)
    if (isAside.test(name)) continue
    // The clock of a profile may step back.
    const time = Math.max(timeDeltas[index], 0)
    times.set(name, (times.get(name) ?? 0) + time)
    sum += time
  }
  return [...times]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([name, time]) => ({name, share: time / sum}))
}

/** What has no file is native: `writeBuffer` is the kernel's write. */
function nameOf({functionName, url}) {
  const file = url.replace(/^.*\/(node_modules|dist)\//, '')
  return file ? `${functionName || 'anonymous'} (${file})` : functionName
}
