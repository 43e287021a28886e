import {existsSync, readFileSync} from 'node:fs'
import {parseArgs} from 'node:util'
import {isFolder} from '../boot/files.js'
import {faultText} from '../errors.js'
import {refuseOption} from '../options.js'
import {check} from './check.js'
import {dev} from './dev.js'
import {writeDocument} from './document.js'
import {routes} from './routes.js'
import {send} from './send.js'
import {start} from './start.js'

const usage = `candy: declarative WebSocket controllers

  candy start  [dir] [--port 3000] [--host 127.0.0.1]   serve the app
               [--workers N|auto]                       by N processes, or one for each core; SIGHUP renews them
  candy dev    [dir] [--port 3000] [--host 127.0.0.1]   serve it, and serve it anew at each change
  candy routes [dir] [--json]                           print the route table
  candy check  [dir]                                    report every boot error; exit 1 if any
  candy asyncapi [dir] [--out FILE | --check FILE]      an AsyncAPI 3 document of the WebSocket routes
  candy types    [dir] [--out FILE | --check FILE]      their TypeScript contract, for candy-ws/client
  candy send <room> <json>                              send to a room of an app that runs, over its bus

The app folder, by default this one, holds controllers/, route/, middleware/ and public/, there or under web/.
`

const flags = {
  port: {type: 'string'},
  host: {type: 'string'},
  workers: {type: 'string'},
  json: {type: 'boolean'},
  out: {type: 'string'},
  check: {type: 'string'},
  help: {type: 'boolean', short: 'h'},
  version: {type: 'boolean', short: 'v'},
} as const

/** Which flags go with which command. */
const commands: Readonly<Record<string, readonly string[]>> = {
  start: ['port', 'host', 'workers'],
  dev: ['port', 'host'],
  routes: ['json'],
  check: [],
  asyncapi: ['out', 'check'],
  types: ['out', 'check'],
  send: [],
}

/** Runs one command; resolves to the exit code: 0, 1 for a fault of the app, 2 for a wrong call. */
export async function run(argv: readonly string[]): Promise<number> {
  process.setSourceMapsEnabled(true)
  let parsed
  try {
    parsed = parseArgs({args: [...argv], options: flags, allowPositionals: true})
  } catch (error) {
    // Node goes on with a lesson on positional arguments.
    return wrongCall((error as Error).message.split(/\.\s/)[0]!)
  }
  const {values, positionals} = parsed
  const [command, dir = '.', ...rest] = positionals
  if (values.version) return say(`${version()}\n`)
  if (values.help || command === undefined || command === 'help') return say(usage)
  const known = commands[command]
  if (!known) return wrongCall(`there is no command '${command}'`)
  const [json, ...more] = rest
  if (command === 'send' && (json === undefined || more.length > 0))
    return wrongCall("'send' takes a room and a message")
  if (command !== 'send' && rest.length > 0) return wrongCall(`'${command}' takes one folder`)
  const stray = Object.keys(values).find(name => !known.includes(name))
  if (stray) return wrongCall(`'${command}' has no option --${stray}`)

  if (values.out !== undefined && values.check !== undefined)
    return wrongCall('--out writes, --check compares: take one of them')

  try {
    if (command === 'send') return await send(dir, json!)
    requireFolder(command, dir)
    if (command === 'start') return await start(dir, values)
    if (command === 'dev') return await dev(dir, values)
    if (command === 'routes') return await routes(dir, values.json ?? false)
    if (command === 'asyncapi' || command === 'types') return await writeDocument(command, dir, values)
    return await check(dir)
  } catch (error) {
    process.stderr.write(`${faultText(error)}\n`)
    return 1
  }
}

/** Told in the words of the command line, before `createApp()` would tell it in its own. */
function requireFolder(command: string, dir: string): void {
  if (isFolder(dir)) return
  refuseOption(
    `candy ${command}`,
    existsSync(dir) ? `${dir} is a file, not a folder` : `there is no folder ${dir}`,
    `Run it in the app folder, or name it: candy ${command} path/to/app.`,
  )
}

function say(text: string): number {
  process.stdout.write(text)
  return 0
}

function wrongCall(message: string): number {
  process.stderr.write(`candy: ${message}\n\n${usage}`)
  return 2
}

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as {version: string}).version
}
