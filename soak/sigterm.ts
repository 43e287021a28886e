// `npm run soak:sigterm`: what becomes of two thousand clients, of handlers that run and of peers that have stopped, when
// `candy start` is told to end?
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {createInterface} from 'node:readline'
import {setTimeout as delay} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {WebSocket} from 'ws'
import {Child} from './child.js'
import {numbers} from './options.js'
import {largestShare} from './shares.js'
import {Verdict} from './verdict.js'

const {clients: count, slow, stopped} = numbers({clients: 2_000, slow: 10, stopped: 5})

/** The defaults, in milliseconds: the whole, over how long the clients are told, and how late they may come back. */
const drainTimeout = 25_000
const drainSpread = Math.min(8_000, drainTimeout / 3)
const longestRetry = Math.min(Math.max(1_000, 10 * (count + stopped)), 10_000)

/** At least 500 a second are told, so few clients are told sooner than the spread would allow. */
const duration = Math.min(drainSpread, (1_000 * count) / 500)

/** In each 250 ms as many as in another; twice as many are allowed, as a busy machine may hold up the server, which makes up for it. */
const told = {part: 250, most: (2 * 250) / duration}

/** Of 2,000 numbers drawn evenly, a tenth of the range has 10 %, give or take 0.7; 15 % are not drawn in a lifetime. */
const retries = {parts: 10, most: 0.15}

interface End {
  readonly code: number
  readonly retry: number
  /** Milliseconds after the signal. */
  readonly at: number
}

const app = spawn(process.execPath, ['dist/cli/main.js', 'start', 'soak/drain-app', '--port', '0'], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  stdio: ['pipe', 'pipe', 'inherit'],
  env: {
    ...process.env,
    NODE_ENV: 'production',
    CANDY_SECRET: 'a secret for the soak, of 32 characters or more',
  },
})
const exited = once(app, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
const printed: string[] = []
const lines = createInterface(app.stdout).on('line', line => printed.push(line))
const said = (pattern: RegExp) => printed.filter(line => pattern.test(line)).length

async function until(pattern: RegExp, times: number): Promise<void> {
  while (said(pattern) < times) {
    const ended = exited.then(() => Promise.reject(new Error(`it ended before it said ${String(pattern)}`)))
    await Promise.race([once(lines, 'line'), ended])
  }
}

let signalled = 0
const ends: End[] = []

async function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, {perMessageDeflate: false})
  socket.on('error', () => undefined)
  socket.on('close', (code, reason) => {
    const [, retry] = /^retry=(\d+)$/.exec(reason.toString()) ?? []
    ends.push({
      code,
      retry: retry === undefined ? Number.NaN : Number(retry),
      at: performance.now() - signalled,
    })
  })
  await once(socket, 'open')
  return socket
}

async function openAll(url: string): Promise<WebSocket[]> {
  const sockets: WebSocket[] = []
  while (sockets.length < count) {
    const batch = Math.min(50, count - sockets.length)
    sockets.push(...(await Promise.all(Array.from({length: batch}, () => open(url)))))
  }
  return sockets
}

/** What who comes while it drains is told. */
async function latecomers(url: string): Promise<{ready: number; upgrade: number; retryAfter: boolean}> {
  const ready = await fetch(`${url}/_candy/ready`)
  await ready.text()
  const late = new WebSocket(`${url.replace('http', 'ws')}/room`)
  const [, response] = (await once(late, 'unexpected-response')) as [
    unknown,
    {statusCode: number; headers: object},
  ]
  late.on('error', () => undefined).terminate()
  return {ready: ready.status, upgrade: response.statusCode, retryAfter: 'retry-after' in response.headers}
}

function judge(verdict: Verdict, code: number | null, took: number): void {
  const right = ends.filter(({code, retry}) => code === 1_012 && retry >= 0)
  verdict.must(right.length === count, `told 1012 with retry=: ${right.length} of ${count} who read`)
  const times = right.map(({at}) => at)
  const first = Math.min(...times)
  const span = Math.max(...times) - first
  const share = largestShare(
    times.map(at => at - first),
    duration,
    Math.round(duration / told.part),
  )
  verdict.must(
    span > 0.9 * duration && share <= told.most,
    `told over ${span.toFixed(0)} ms of ${duration}; at most ${(100 * share).toFixed(1)} % of them in ${told.part} ms (${(100 * told.most).toFixed(1)} % are allowed)`,
  )
  const waits = right.map(({retry}) => retry)
  const drawn = largestShare(waits, longestRetry, retries.parts)
  verdict.must(
    drawn <= retries.most && Math.max(...waits) <= longestRetry,
    `to come back within ${Math.min(...waits)} to ${Math.max(...waits)} ms of ${longestRetry}; at most ${(100 * drawn).toFixed(1)} % in a tenth of it (${(100 * retries.most).toFixed(0)} % are allowed)`,
  )
  const finished = said(/"slow":"finished"/)
  verdict.must(finished === slow, `slow handlers finished: ${finished} of ${slow}`)
  const {opened, closed, disposed} = (
    JSON.parse(printed.findLast(line => line.includes('counts')) ?? '{"counts":{}}') as {
      counts: Record<string, number>
    }
  ).counts
  verdict.must(opened === count + stopped, `connections: ${opened}`)
  verdict.must(
    closed === opened && disposed === opened,
    `close handlers awaited: ${closed}; scopes disposed: ${disposed}`,
  )
  verdict.must(
    code === 0 && took < drainTimeout,
    `exit ${code} after ${(took / 1_000).toFixed(1)} s of ${drainTimeout / 1_000}`,
  )
}

const verdict = new Verdict()
const peers = Array.from({length: stopped}, () => new Child('peer'))
try {
  await until(/^listening on /, 1)
  const url = printed.find(line => line.startsWith('listening on '))!.slice('listening on '.length)
  const room = `${url.replace('http', 'ws')}/room`
  const sockets = await openAll(room)
  for (const peer of peers) await peer.ask('open', room)
  for (const {pid} of peers) process.kill(pid, 'SIGSTOP')
  for (const socket of sockets.slice(0, slow)) socket.send('{"type":"slow"}')
  await until(/"slow":"begun"/, slow)
  console.log(`${count} clients, ${slow} slow handlers and ${stopped} stopped peers: SIGTERM\n`)
  signalled = performance.now()
  app.kill('SIGTERM')
  await delay(200)
  const late = await latecomers(url)
  const [code] = await Promise.race([exited, delay(drainTimeout + 10_000, [null] as const, {ref: false})])
  const took = performance.now() - signalled
  // What was written before the end is read after it.
  await delay(500)
  verdict.must(late.ready === 503, `meanwhile /_candy/ready says ${late.ready}`)
  verdict.must(
    late.upgrade === 503 && late.retryAfter,
    `and a handshake is answered ${late.upgrade}, with Retry-After`,
  )
  judge(verdict, code, took)
  verdict.end()
} finally {
  for (const {pid} of peers) process.kill(pid, 'SIGCONT')
  app.kill('SIGKILL')
  await Promise.all(peers.map(peer => peer.stop()))
}
process.exit()
