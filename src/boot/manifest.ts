import {existsSync, readFileSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'

/** What an app is called: name and version of the nearest package.json; without them, its folder. */
export function titleOf(dir: string): {title: string; version: string} {
  const {name, version} = nearestManifest(dir)
  return {
    title: typeof name === 'string' && name !== '' ? name : basename(dir) || 'app',
    version: typeof version === 'string' && version !== '' ? version : '0.0.0',
  }
}

function nearestManifest(dir: string): {name?: unknown; version?: unknown} {
  for (let at = dir; ; at = dirname(at)) {
    const file = join(at, 'package.json')
    if (existsSync(file)) return readManifest(file)
    if (dirname(at) === at) return {}
  }
}

function readManifest(file: string): {name?: unknown; version?: unknown} {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as object | null) ?? {}
  } catch {
    // A broken one is told by whoever needs more of it.
    return {}
  }
}
