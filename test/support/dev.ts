import {connect} from 'candy-ws/testing'
import {renameSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {appFolder, writeFiles, type Files} from './app-folder.js'
import {candy, type Program} from './cli.js'

/** A controller at `/hello` that says one thing, and hears how it is spelt. */
export function hello(says: unknown, path = '/hello'): string {
  return `import {Candy, OnOpen, Token, WsRoute} from 'candy-ws'

@WsRoute('${path}')
@Token(false)
export class Hello {
  constructor(private readonly candy: Candy) {}

  @OnOpen()
  opened() {
    this.candy.ws.send(${JSON.stringify(says)})
  }
}
`
}

/** `candy dev` on an app folder that a test changes as editors do. */
export class Dev {
  readonly program: Program
  readonly #dir: string
  #heard = 0

  constructor(
    files: Files,
    {args = [], env = {}}: {args?: readonly string[]; env?: Readonly<Record<string, string>>} = {},
  ) {
    this.#dir = appFolder({'package.json': {type: 'module'}, ...files})
    this.program = candy(['dev', this.#dir, '--port', '0', ...args], {env: {...process.env, ...env}})
  }

  url(): Promise<string> {
    return this.program.url()
  }

  /** The next thing it says on stderr that matches. */
  async told(pattern: RegExp): Promise<string> {
    const match = await this.program.printed('stderr', pattern, this.#heard)
    this.#heard += match.index + match[0].length
    return match[0]
  }

  /** The line about the next reload. */
  reloaded(): Promise<string> {
    return this.told(/^reloaded in .*\n/m)
  }

  /** What a client hears that comes now; `undefined` if there is no such route. */
  async says(path = '/hello'): Promise<unknown> {
    const client = await connect(await this.url(), path, {token: false}).catch(() => undefined)
    const said = await client?.next(10_000)
    await client?.close()
    return said
  }

  /** What its page tells of the last change; `null` if that is served. */
  async fault(): Promise<string | null> {
    const answer = await fetch(`${await this.url()}/_candy/app.json`)
    return ((await answer.json()) as {fault: string | null}).fault
  }

  /** Writes files in place, one right after the other. */
  save(files: Files): void {
    writeFiles(this.#dir, files)
  }

  /** Puts a written file in the old one's place, as editors do that never leave half a file. */
  replace(name: string, text: string): void {
    const file = join(this.#dir, name)
    writeFileSync(`${file}.tmp`, text)
    renameSync(`${file}.tmp`, file)
  }

  remove(name: string): void {
    rmSync(join(this.#dir, name), {recursive: true})
  }
}
