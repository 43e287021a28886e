import {existsSync} from 'node:fs'
import {register} from 'node:module'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'

let running: Promise<unknown> | undefined

/**
 * Lets this process run TypeScript with decorator metadata. The nearest tsconfig.json above the first file counts for
 * the whole process; without one, `candy-ws/tsconfig.json`.
 */
export function runTypeScript(file: string): Promise<unknown> {
  return (running ??= start(file))
}

async function start(file: string): Promise<void> {
  if (!process.env.TS_NODE_PROJECT) process.env.OXC_TSCONFIG_PATH ??= nearestTsconfig(dirname(file))
  await import('@oxc-node/core/register')
  register('./typescript-hook.js', import.meta.url)
}

function nearestTsconfig(dir: string): string {
  for (let at = dir; ; at = dirname(at)) {
    const path = join(at, 'tsconfig.json')
    if (existsSync(path)) return path
    if (dirname(at) === at) return fileURLToPath(new URL('../../tsconfig.app.json', import.meta.url))
  }
}
