import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {setTimeout as delay} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {pinned} from './machine.js'
import {peers} from './peers.js'
import {protocols} from './protocols.js'

const here = fileURLToPath(new URL('.', import.meta.url))
let sockets = 0

function program(peer, flags) {
  const name = peers[peer].program ?? peer
  const found = [join(here, 'servers', `${name}.js`), join(here, 'dist', `${name}.js`)].find(file =>
    existsSync(file),
  )
  if (!found) throw new Error(`there is no server program ${name}`)
  if (name === 'bun') return [join(here, 'node_modules', 'bun', 'bin', 'bun.exe'), found]
  return [process.execPath, '--expose-gc', ...flags, found]
}

/**
 * A peer's server, in a process that ends with this one: its stdin closes.
 *
 * @param transport `tcp` or `unix`
 * @param flags for node
 * @param env more of its environment
 */
export async function serve(name, work, transport, flags = [], env = {}) {
  sockets += 1
  const unix = join(tmpdir(), `candy-bench-${process.pid}-${sockets}.sock`)
  const [command, ...args] = pinned(0, [
    ...program(name, flags),
    work,
    transport === 'unix' ? `unix:${unix}` : 'tcp',
  ])
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      CANDY_SECRET: 'a secret for the bench, of 32 characters or more',
      ...env,
    },
  })
  child.stdin.on('error', () => undefined)
  const ended = once(child, 'exit')
  const lines = createInterface(child.stdout)
  const line = async () => {
    const waits = new AbortController()
    try {
      const [text] = await Promise.race([
        once(lines, 'line', waits),
        ended.then(([code]) => Promise.reject(new Error(`${name} ended, code ${code}`))),
        delay(20_000, undefined, waits).then(() => Promise.reject(new Error(`${name} says nothing`))),
      ])
      return JSON.parse(text)
    } finally {
      waits.abort()
    }
  }
  const stop = async () => {
    child.stdin.end()
    await Promise.race([ended, delay(2_000, undefined, {ref: false})])
    if (child.exitCode === null) child.kill('SIGKILL')
    await ended
    rmSync(unix, {force: true})
  }
  try {
    const address = await line()
    return {
      name,
      work,
      pid: child.pid,
      address,
      protocol: protocols[peers[name].protocol],
      /** @returns `{rss, heapUsed}` in bytes, after a collection, and `heard`: messages that came over the bus */
      memory: () => {
        child.kill('SIGUSR2')
        return line()
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
