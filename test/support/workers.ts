import {appFolder, writeFiles, type Files} from './app-folder.js'
import {candy, type Exit, type Program} from './cli.js'
import {childrenOf} from './processes.js'
import {raw} from './raw.js'

/** A page that says which process answers, and which version it is of. */
export function version(name: string): string {
  return `Candy.Route.page('/version', () => '${name}')
Candy.Route.page('/pid', () => String(process.pid))
Candy.Route.ws('/version', Candy => Candy.ws.send('${name}'), {token: false})
`
}

/** A line of the log. */
export interface Line {
  readonly event?: string
  readonly [field: string]: unknown
}

interface Options {
  readonly workers?: number
  readonly env?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  /** Of an app folder that there is. */
  readonly dir?: string
}

/** `candy start --workers` on an app folder that a test may change. */
export class Workers {
  readonly program: Program
  readonly dir: string

  constructor(files: Files, {workers = 2, env = {}, args = [], dir}: Options = {}) {
    this.dir = dir ?? appFolder({'package.json': {type: 'commonjs'}, ...files})
    const flags = ['--port', '0', '--workers', String(workers), ...args]
    this.program = candy(['start', this.dir, ...flags], {env: {...process.env, ...env}})
  }

  url(): Promise<string> {
    return this.program.url()
  }

  async port(): Promise<number> {
    return Number(new URL(await this.url()).port)
  }

  /** The workers' own numbers. */
  get pids(): number[] {
    return childrenOf(this.program.pid)
  }

  save(files: Files): void {
    writeFiles(this.dir, files)
  }

  /** What a page answers, over a connection of its own. Rejects unless it is whole. */
  async get(path: string): Promise<string> {
    const client = await raw(await this.port())
    client.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
    await client.closed
    const [head = '', body] = client.received.toString().split('\r\n\r\n')
    if (!head.startsWith('HTTP/1.1 200 ') || body === undefined)
      throw new Error(`no answer: ${JSON.stringify(head)}`)
    return body
  }

  /** The log line of an event, the first or a later one. */
  async logged(event: string, count = 1): Promise<Line> {
    const lines = `(?:"event":"${event}"[^]*?\\n[^]*?){${count}}`
    const match = await this.program.printed('stderr', new RegExp(`^[^]*?${lines}`))
    return linesOf(match[0]).findLast(line => line.event === event)!
  }

  /** Renews all workers, and waits for the end of that. */
  async restart(count = 1): Promise<void> {
    process.kill(this.program.pid, 'SIGHUP')
    await this.logged('restart.end', count)
  }
}

/** The lines of a log, without what is no JSON. */
export function linesOf(text: string): Line[] {
  return text.split('\n').flatMap(line => (line.startsWith('{') ? [JSON.parse(line) as Line] : []))
}

export function eventsOf({stderr}: Exit): (string | undefined)[] {
  return linesOf(stderr).flatMap(({event}) => event ?? [])
}
