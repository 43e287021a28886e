import {spawn, type ChildProcessByStdio, type SpawnOptions} from 'node:child_process'
import type {Readable, Writable} from 'node:stream'
import {fileURLToPath} from 'node:url'
import {onTestFailed, onTestFinished} from 'vitest'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export interface Exit {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A program under test; it ends with the test at the latest. */
export class Program {
  readonly exited: Promise<Exit>
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #out = {stdout: '', stderr: ''}

  constructor(command: string, args: readonly string[], options: SpawnOptions = {}) {
    const child = spawn(command, args, {...options, stdio: ['pipe', 'pipe', 'pipe']})
    this.#child = child
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => (this.#out[name] += text))
    this.exited = new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', code => resolve({code, ...this.#out}))
    })
    // A program that is waited for in vain has usually said why.
    onTestFailed(() => console.error(`${command} ${args.join(' ')}`, this.#out))
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await this.exited
    })
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** What it has printed, from a place in it on, once that holds a match. Rejects if it ends without one. */
  async printed(stream: 'stdout' | 'stderr', pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    let ended = false
    const exit = this.exited.then(() => (ended = true))
    for (;;) {
      const match = pattern.exec(this.#out[stream].slice(from))
      if (match) return match
      if (ended)
        throw new Error(`it ended without ${String(pattern)}:\n${this.#out.stdout}${this.#out.stderr}`)
      await Promise.race([exit, new Promise(resolve => this.#child[stream].once('data', resolve))])
    }
  }

  /** Types something into it. */
  write(text: string): void {
    this.#child.stdin.write(text)
  }

  /** Nothing more will be typed. */
  end(): void {
    this.#child.stdin.end()
  }

  /** Where `candy start` says it listens. */
  async url(): Promise<string> {
    const [, url] = await this.printed('stdout', /^listening on (\S+)\n/m)
    return url!
  }

  /** Asks it to end. */
  terminate(): Promise<Exit> {
    return this.signal('SIGTERM')
  }

  signal(signal: NodeJS.Signals): Promise<Exit> {
    this.#child.kill(signal)
    return this.exited
  }
}

/** `candy ...args`, as its own process. */
export function candy(args: readonly string[], options: SpawnOptions = {}): Program {
  return new Program(process.execPath, [main, ...args], options)
}
