import {fork, type ChildProcess} from 'node:child_process'
import type {Socket} from 'node:net'
import {fileURLToPath} from 'node:url'
import {lifelineFd} from '../boot/lifeline.js'
import {drainMs, reportOf, type Order, type Report} from './message.js'

const child = fileURLToPath(new URL('child.js', import.meta.url))

/** Milliseconds after the drain in which what the app made may be disposed of. */
const graceMs = 1_000

/** A process of one version of the app, as its supervisor sees it. It makes itself ready before it is told to boot. */
export class AppProcess {
  /** Resolves when it has ended, to how: `exit code 1`. */
  readonly exited: Promise<string>
  readonly #process: ChildProcess
  #serves = false
  #hasEnded = false

  constructor(dir: string) {
    const pipes = ['ignore', 'inherit', 'inherit', 'ipc'] as const
    // Beside what the supervisor says, which is text wherever it goes.
    const env = {...process.env, CANDY_LOG_FORMAT: process.env.CANDY_LOG_FORMAT || 'text'}
    this.#process = fork(child, [dir], {stdio: [...pipes, 'pipe'], env})
    // It breaks when the child is killed, which `exited` tells.
    this.#process.stdio[lifelineFd]!.on('error', () => undefined)
    this.exited = new Promise(resolve => {
      const ended = (how: string) => {
        this.#hasEnded = true
        resolve(how)
      }
      this.#process.once('exit', (code, signal) =>
        ended(code === null ? `signal ${signal}` : `exit code ${code}`),
      )
      // It could not be started, or not be told something: its end is what counts.
      this.#process.on('error', error => this.#process.pid === undefined && ended(error.message))
    })
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Loads the app; it serves from then on what it is given. */
  boot(): Promise<Report> {
    return this.#asked({candy: 'boot'})
  }

  /** Takes the place of an app that cannot be served. */
  standIn(fault: string): Promise<Report> {
    return this.#asked({candy: 'standIn', fault})
  }

  /** Why the last change is not served. */
  tell(fault: string): void {
    this.#send({candy: 'fault', fault})
  }

  give(socket: Socket): void {
    this.#send({candy: 'socket'}, socket)
  }

  /** Ends it: a version that serves closes its connections with 1012 and awaits its close handlers, any other is killed. */
  async end(): Promise<void> {
    if (!this.#serves) this.#process.kill('SIGKILL')
    else this.#send({candy: 'close'})
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), drainMs + graceMs)
    await this.exited
    clearTimeout(timer)
  }

  #asked(order: Order): Promise<Report> {
    return new Promise(resolve => {
      const heard = (message: unknown) => {
        const report = reportOf(message)
        if (!report) return
        this.#process.off('message', heard)
        this.#serves = report.candy === 'booted'
        resolve(report)
      }
      this.#process.on('message', heard)
      void this.exited.then(how =>
        resolve({candy: 'failed', fault: `the app ended while it was loaded, with ${how}`}),
      )
      this.#send(order)
    })
  }

  /** To a child that has just ended it goes nowhere, and `exited` tells. */
  #send(order: Order, socket?: Socket): void {
    this.#process.send(order, socket, error => error && socket?.destroy())
  }
}
