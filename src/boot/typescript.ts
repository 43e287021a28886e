import {existsSync} from 'node:fs'
import {register} from 'node:module'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {codeFiles} from './files.js'

let running: Promise<unknown> | undefined

/**
 * Lets this process run TypeScript with decorator metadata. The nearest tsconfig.json above the first file counts for
 * the whole process; without one, `candy-ws/tsconfig.json`.
 */
export function runTypeScript(file: string): Promise<unknown> {
  return (running ??= start(file))
}

/** Does so ahead of the app's first file in TypeScript; an app without one needs nothing. */
export async function readyTypeScript(dir: string): Promise<void> {
  const file = filesOf(dir).find(file => /\.[cm]?ts$/.test(file))
  if (file) await runTypeScript(file)
}

/** In the order in which they are loaded. */
function filesOf(dir: string): string[] {
  const config = join(dir, 'candy.config.ts')
  return [
    ...(existsSync(config) ? [config] : []),
    ...codeFiles(dir, 'middleware', false),
    ...codeFiles(dir, 'controllers', true),
    ...codeFiles(dir, 'route', false),
  ]
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
