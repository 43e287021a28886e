import {fork, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {fileURLToPath} from 'node:url'

interface Said {
  readonly answers?: number
  readonly value?: unknown
  readonly fault?: string
  readonly event?: unknown
}

const env = {
  ...process.env,
  NODE_ENV: 'production',
  CANDY_SECRET: 'a secret for the soak, of 32 characters or more',
}

/** A program of this folder in a process of its own. Its stdin closes when this process goes, and it goes with it. */
export class Child {
  /** What it tells unasked. */
  told: (event: unknown) => void = () => undefined
  readonly #child: ChildProcess
  readonly #name: string
  readonly #waiting = new Map<number, {resolve: (value: unknown) => void; reject: (error: Error) => void}>()
  readonly #ended: Promise<unknown>
  #questions = 0
  #stopping = false

  /** @param name of a file here */
  constructor(name: string, ...args: readonly string[]) {
    this.#name = name
    this.#child = fork(fileURLToPath(new URL(`${name}.ts`, import.meta.url)), args, {
      execArgv: ['--expose-gc', '--import', '@oxc-node/core/register'],
      stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
      env,
    })
    this.#child.on('message', message => this.#hear(message as Said))
    this.#ended = once(this.#child, 'exit').then(([code, signal]) => this.#gone(code ?? signal))
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** Asks it something, and gives the answer. Rejects with what it threw, or if it ends meanwhile. */
  ask<T = void>(question: string, value?: unknown): Promise<T> {
    const number = (this.#questions += 1)
    this.#child.send({question, value, number})
    return new Promise((resolve, reject) =>
      this.#waiting.set(number, {resolve: resolve as (value: unknown) => void, reject}),
    )
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#child.stdin?.end()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5_000)
    await this.#ended
    clearTimeout(timer)
  }

  #hear({answers, value, fault, event}: Said): void {
    if (answers === undefined) return this.told(event)
    const waiting = this.#waiting.get(answers)
    this.#waiting.delete(answers)
    if (fault === undefined) waiting?.resolve(value)
    else waiting?.reject(new Error(`${this.#name}: ${fault}`))
  }

  #gone(how: number | string): void {
    const error = new Error(`${this.#name} ended by itself (${how})`)
    for (const {reject} of this.#waiting.values()) reject(error)
    this.#waiting.clear()
    if (!this.#stopping) throw error
  }
}
