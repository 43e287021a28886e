import {spawn} from 'node:child_process'
import {join} from 'node:path'

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `candy ...` as a user would, to its end. */
export function candy(...args: string[]): Promise<Ran> {
  const main = join(import.meta.dirname, '../../dist/cli/main.js')
  const {NODE_OPTIONS: _, ...env} = process.env
  const child = spawn(process.execPath, [main, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()))
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => resolve({code, stdout, stderr}))
  })
}
