import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, mkdtempSync, rmSync} from 'node:fs'
import {connect, createServer, type AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import {setTimeout as delay} from 'node:timers/promises'
import {afterAll, describe} from 'vitest'
import {isStopped} from './processes.js'

export type ServerKind = 'redis' | 'nats'

const kinds = {
  redis: {
    binary: 'redis-server',
    variable: 'CANDY_TEST_REDIS_URL',
    options: (port: number) =>
      `--port ${port} --bind 127.0.0.1 --appendonly no`.split(' ').concat('--save', ''),
  },
  nats: {
    binary: 'nats-server',
    variable: 'CANDY_TEST_NATS_URL',
    options: (port: number) => ['-a', '127.0.0.1', '-p', `${port}`],
  },
} as const

/** Where Debian puts servers is often not in a user's PATH. */
function pathOf(binary: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map(folder => join(folder, binary)).find(existsSync)
}

/** A server that somebody else runs: it is shared, so it is never emptied, ended or paused. */
export function sharedUrl(kind: ServerKind): string | undefined {
  return process.env[kinds[kind].variable] || undefined
}

/**
 * `describe` where the server can be had, and where not a skip that nobody overlooks. With `CANDY_REQUIRE_SERVERS` it must be there.
 *
 * @param own a test needs one of its own, to end and pause
 */
export function describeWith(kind: ServerKind, own: boolean, name: string, tests: () => void): void {
  const {binary, variable} = kinds[kind]
  if (pathOf(binary) !== undefined || (!own && sharedUrl(kind))) return void describe(name, tests)
  const words = `${binary} is neither in PATH nor in /usr/sbin${own ? '' : `, and ${variable} is not set`}`
  if (process.env.CANDY_REQUIRE_SERVERS) throw new Error(words)
  console.warn(`SKIPPED: ${name}: ${words}`)
  describe.skip(name, tests)
}

/** A server of the tests' own on 127.0.0.1, which keeps nothing. It ends with the file that began it. */
export class TestServer {
  readonly kind: ServerKind
  readonly port: number
  readonly #options: readonly string[]
  readonly #folder = mkdtempSync(join(tmpdir(), 'candy-server-'))
  #process: ChildProcess | undefined

  private constructor(kind: ServerKind, port: number, options: readonly string[]) {
    this.kind = kind
    this.port = port
    this.#options = options
  }

  /** To be called within a `describe`, or where a file begins: at its end the server is ended. */
  static async start(kind: ServerKind, options: readonly string[] = []): Promise<TestServer> {
    const server = new TestServer(kind, await freePort(), options)
    started.add(server)
    await server.restart()
    return server
  }

  get url(): string {
    return `${this.kind}://127.0.0.1:${this.port}`
  }

  /** With -9: nobody is told. */
  async kill(): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  /** On the same port, and empty. Resolves when it takes connections. */
  async restart(): Promise<void> {
    await this.kill()
    const {binary, options} = kinds[this.kind]
    const path = pathOf(binary)
    if (!path) throw new Error(`${binary} is not installed`)
    const child = spawn(path, [...options(this.port), ...this.#options], {cwd: this.#folder, stdio: 'ignore'})
    this.#process = child
    for (let tries = 0; !(await listens(this.port)); tries++) {
      if (child.exitCode !== null || tries === 500) throw new Error(`${binary} does not start`)
      await delay(10)
    }
  }

  /** It stays connected, and answers nothing. Resolves when it does: a signal takes its time. */
  async pause(): Promise<void> {
    const child = this.#process
    if (!child) return
    child.kill('SIGSTOP')
    for (let tries = 0; !isStopped(child.pid!); tries++) {
      if (tries === 500) throw new Error('the server does not stop')
      await delay(10)
    }
  }

  resume(): void {
    this.#process?.kill('SIGCONT')
  }

  async end(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, {recursive: true, force: true})
  }
}

const started = new Set<TestServer>()
afterAll(async () => {
  await Promise.all([...started].map(server => server.end()))
})

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function listens(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
