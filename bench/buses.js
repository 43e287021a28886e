import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, readFileSync} from 'node:fs'
import {connect, createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import {setTimeout as delay} from 'node:timers/promises'
import {pinned} from './machine.js'

const kinds = {
  redis: {
    binary: 'redis-server',
    options: port => ['--port', port, '--bind', '127.0.0.1', '--appendonly', 'no', '--save', ''],
  },
  nats: {binary: 'nats-server', options: port => ['-a', '127.0.0.1', '-p', port]},
}

/** Where Debian puts servers is often not in a user's PATH. */
function pathOf(binary) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  const path = folders.map(folder => join(folder, binary)).find(existsSync)
  if (!path) throw new Error(`${binary} is not installed`)
  return path
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address()
  server.close()
  await once(server, 'close')
  return port
}

async function listens(port) {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** A Redis or NATS server of the bench's own, which keeps nothing; on the core of the load, which sleeps while it has nothing to do. */
export async function startBus(kind) {
  const {binary, options} = kinds[kind]
  const port = await freePort()
  const [command, ...args] = pinned(1, [pathOf(binary), ...options(String(port))])
  const child = spawn(command, args, {cwd: tmpdir(), stdio: 'ignore'})
  const ended = once(child, 'exit')
  for (let tries = 0; !(await listens(port)); tries += 1) {
    if (child.exitCode !== null || tries === 500) throw new Error(`${binary} does not start`)
    await delay(10)
  }
  const stop = async () => {
    child.kill('SIGKILL')
    await ended
  }
  return {
    url: `${kind}://127.0.0.1:${port}`,
    pid: child.pid,
    /** @returns bytes that its process holds */
    memory: () =>
      Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) * 1_024,
    stop,
  }
}
