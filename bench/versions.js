import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {join} from 'node:path'
import {peers} from './peers.js'

const {resolve} = createRequire(import.meta.url)

/** From the package's manifest, which its `exports` need not show. */
function versionOf(name) {
  for (const folder of resolve.paths(name)) {
    try {
      return JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')).version
    } catch {
      // In a folder further up, then.
    }
  }
  return 'not installed'
}

function commit() {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {cwd: import.meta.dirname})
      .toString()
      .trim()
  } catch {
    return 'of no repository'
  }
}

/**
 * Who was measured: this working copy, and the packages that the peers stand on.
 *
 * @param isMeasured of a peer
 */
export function versions(isMeasured = ({works}) => !works.includes('nodes')) {
  const measured = Object.values(peers).filter(isMeasured)
  const packages = [...new Set(measured.flatMap(peer => peer.packages)), 'find-my-way']
  return {candy: commit(), ...Object.fromEntries(packages.map(name => [name, versionOf(name)]))}
}
