// `npm run soak -- --minutes 15 --clients 500`: does a server that is used hard for long grow, or lose anything?
import {setTimeout as delay} from 'node:timers/promises'
import {Ledger, type ClientAccount, type ServerAccount} from './account.js'
import {Child} from './child.js'
import {numbers} from './options.js'
import {handleCount, type Reading} from './reading.js'
import {lastHalf, slopeOf} from './slope.js'
import {kib, Verdict} from './verdict.js'

const {minutes, clients: count, churn} = numbers({minutes: 15, clients: 500, churn: 20})
const seconds = minutes * 60

/** Readings enough for a slope in the half of a minute, and never more than are of use. */
const every = Math.max(1, seconds / 300) * 1_000

/**
 * What a slope may be without being a leak, per second. A run of ten minutes and more has time for an interval so narrow
 * that 0 must be in it. Within one minute what runs is still being compiled, and connections have yet to do for the first
 * time what they do seldom; 10 to 20 KiB per second come of that. So a short run looks for what is large: at 20 connections
 * per second 32 KiB are 1.6 of each, and one that is left behind holds ten times as much. Half a handle per second is one of
 * forty.
 */
const tolerated = minutes >= 10 ? {heap: 0, handles: 0} : {heap: 32_768, handles: 0.5}

interface ServerReading extends Reading {
  readonly scopes: {readonly made: number; readonly disposed: number}
}

const ledger = new Ledger()
const verdict = new Verdict()
let refused = 0

const server = new Child('room-server')
const clients = new Child('room-clients')
const read = () => server.ask<ServerReading>('read')

server.told = event => {
  const account = event as ServerAccount
  ledger.server(account)
  void clients.ask('ended', account.connection)
}
clients.told = event => {
  if (event === 'refused') refused += 1
  else ledger.client(event as ClientAccount)
}

/** What a client has ended, the server knows a moment later. */
async function until(connections: number): Promise<boolean> {
  for (let tries = 0; tries < 200; tries += 1) {
    if ((await server.ask<number>('connections')) === connections) return true
    await delay(25)
  }
  return false
}

let revoked = 0

/** Every tenth by session: a session that was revoked is remembered for seven days, a user is one entry for all times. */
async function revoke(): Promise<void> {
  const victim = await clients.ask<number | undefined>('victim', revoked % 10 === 9)
  revoked += 1
  if (victim !== undefined) await server.ask('revoke', victim)
}

let shown = 0

/** Ten lines for a run, and who watches it sees where it goes. */
function progress({at, heap, external, rss, handles}: ServerReading & {readonly at: number}): void {
  if (at < (shown * seconds) / 10) return
  shown += 1
  const timers = handles.Timeout ?? 0
  verdict.say(
    `after ${at.toFixed(0)} s: heap ${kib(heap)}, outside of it ${kib(external)}, rss ${kib(rss)}, timers ${timers}`,
  )
}

async function readings(): Promise<(ServerReading & {readonly at: number})[]> {
  const found = []
  const begun = performance.now()
  const clock = () => (performance.now() - begun) / 1_000
  let revokeAt = 1
  for (let next = 0; clock() < seconds; next += every / 1_000) {
    while (clock() < next) {
      if (clock() >= revokeAt) {
        await revoke()
        revokeAt += 1
      }
      await delay(20)
    }
    await clients.ask('hold')
    if (!(await until(count)))
      throw new Error(`there are not ${count} connections, five seconds after nobody goes`)
    const one = {...(await read()), at: clock()}
    found.push(one)
    progress(one)
    await clients.ask('go')
  }
  return found
}

function judgeSlope(
  verdict: Verdict,
  name: 'heap' | 'handles',
  samples: {at: number; value: number}[],
): void {
  const write = (value: number) => (name === 'heap' ? `${value.toFixed(0)} B/s` : `${value.toFixed(4)}/s`)
  const {perSecond, low, high, correlation} = slopeOf(samples)
  const interval = `${write(perSecond)}, 95 % interval ${write(low)} to ${write(high)}`
  const bound =
    tolerated[name] === 0 ? '0 is in it, or it falls' : `its low end is at most ${write(tolerated[name])}`
  verdict.must(
    low <= tolerated[name],
    `slope of ${name} over the last half: ${interval} (${samples.length} readings, correlation ${correlation.toFixed(2)}): ${bound}`,
  )
}

function judgeMessages(verdict: Verdict): void {
  const {totals, faults} = ledger
  const {sent, handled, acknowledged, told, heard, lost, connections} = totals
  for (const [fate, {connections: many, up, down}] of Object.entries(lost))
    verdict.say(`${fate}: ${many} connections, ${up} on their way to the server, ${down} to the client`)
  const gone = Object.values(lost)
  const up = gone.reduce((sum, one) => sum + one.up, 0)
  const down = gone.reduce((sum, one) => sum + one.down, 0)
  verdict.must(
    sent === handled + up,
    `said: ${sent} = ${handled} handled + ${up} of clients that went (${acknowledged} acknowledged)`,
  )
  verdict.must(
    told === heard + down,
    `told: ${told} = ${heard} heard + ${down} of clients that went or were cut`,
  )
  verdict.must(faults.length === 0, `every one of ${connections} connections accounted for, without a gap`)
  for (const fault of faults.slice(0, 20)) verdict.say(fault)
  verdict.must(refused === 0, `${refused} handshakes refused`)
  const fates = ['stayed', 'left', 'terminated', 'reset', 'revoked', 'too slow'] as const
  verdict.must(
    fates.every(fate => lost[fate]),
    `each way to go was gone: ${Object.keys(lost).join(', ')}`,
  )
}

function judgeEnd(verdict: Verdict, before: ServerReading, after: ServerReading): void {
  const {connections, rooms, scopes} = after
  verdict.must(connections === 0 && rooms === 0, `in the end ${connections} connections, ${rooms} rooms`)
  verdict.must(scopes.made === scopes.disposed, `scopes: ${scopes.made} made, ${scopes.disposed} disposed`)
  const sockets = after.handles.TCPSocketWrap ?? 0
  const timers = [before, after].map(({handles}) => handles.Timeout ?? 0) as [number, number]
  verdict.must(sockets === 0, `sockets left: ${sockets}`)
  verdict.must(
    timers[1] <= timers[0],
    `timers: ${timers[0]} before the first client, ${timers[1]} after the last`,
  )
}

try {
  const url = await server.ask<string>('listen')
  const before = await read()
  console.log(
    `${count} clients for ${minutes} min, ${churn} go and come per second, a reading every ${every / 1_000} s`,
  )
  await clients.ask('start', {url, clients: count, churn})
  const all = await readings()
  await server.ask('quiet')
  const stuck = await clients.ask<readonly number[]>('finish')
  verdict.must(stuck.length === 0, `connections that cannot end: ${stuck.join(', ') || 'none'}`)
  await until(0)
  // A peer that does not answer a close is waited for so long.
  await delay(2_500)
  const after = await read()
  const events = await server.ask<object>('events')
  ledger.close()

  const half = lastHalf(all)
  const last = half.at(-1)!
  verdict.say(`handles ${JSON.stringify(last.handles)}, rooms ${last.rooms}, connections ${last.connections}`)
  verdict.say(`logged: ${JSON.stringify(events)}`)
  judgeSlope(
    verdict,
    'heap',
    half.map(({at, heap}) => ({at, value: heap})),
  )
  judgeSlope(
    verdict,
    'handles',
    half.map(reading => ({at: reading.at, value: handleCount(reading)})),
  )
  judgeMessages(verdict)
  judgeEnd(verdict, before, after)
  verdict.end()
} finally {
  await Promise.all([server.stop(), clients.stop()])
}
