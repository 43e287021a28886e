import {execFileSync, spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdirSync, statSync} from 'node:fs'
import {createInterface} from 'node:readline'
import {fileURLToPath} from 'node:url'
import {apart, pinned} from '../machine.js'

const source = fileURLToPath(new URL('load.c', import.meta.url))
const program = fileURLToPath(new URL('../dist/load', import.meta.url))

/** Compiles load.c, if it is newer than what was compiled last. */
export function buildLoad() {
  mkdirSync(fileURLToPath(new URL('../dist', import.meta.url)), {recursive: true})
  const built = statSync(program, {throwIfNoEntry: false})
  if (built && built.mtimeMs > statSync(source).mtimeMs) return
  execFileSync('cc', ['-O2', '-Wall', '-Wextra', source, '-o', program], {stdio: 'inherit'})
}

/** `{window: 4, port: [1, 2], socketio: true}` as `--window 4 --port 1 --port 2 --socketio`. */
function words(options) {
  return Object.entries(options).flatMap(([name, value]) => {
    const option = `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
    if (value === true) return [option]
    if (value === undefined || value === false) return []
    return [value].flat().flatMap(one => [option, String(one)])
  })
}

function start(server, mode, options) {
  const {path, socketio} = server.protocol
  const all = {...server.address, pid: server.pid, path, socketio, block: !apart, ...options}
  const [command, ...args] = pinned(1, [program, mode, ...words(all)])
  const child = spawn(command, args, {stdio: ['pipe', 'pipe', 'pipe']})
  let fault = ''
  child.stderr.setEncoding('utf8').on('data', text => (fault += text))
  const closed = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`${server.name}: ${fault.trim() || 'the load ended'}`)
  })
  return {child, closed}
}

/**
 * Loads a server and measures it.
 *
 * @returns the line of figures that load.c prints
 * @throws {Error} when anything went wrong, with what load.c said
 */
export async function load(server, mode, options) {
  const {child, closed} = start(server, mode, options)
  let text = ''
  child.stdout.setEncoding('utf8').on('data', part => (text += part))
  await closed
  return JSON.parse(text)
}

/** Holds connections while `during` runs. */
export async function holding(server, options, during) {
  const {child, closed} = start(server, 'idle', options)
  try {
    await Promise.race([once(createInterface(child.stdout), 'line'), closed])
    return await during()
  } finally {
    child.stdin.end()
    await closed
  }
}
