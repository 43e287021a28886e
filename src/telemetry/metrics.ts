import type {BusTraffic} from './bus-traffic.js'
import type {Durations} from './durations.js'
import type {Journal} from './journal.js'
import type {ExceededLimit} from './limit-events.js'
import type {Traffic} from './traffic.js'

/** What of an app its metrics are read from, at each scrape. */
export interface Measured {
  /** The WebSocket routes; a label is a template, never what a client has written. */
  readonly routes: () => Iterable<{readonly path: string; readonly traffic: Traffic}>
  readonly connections: () => Iterable<{
    readonly path: string
    readonly buffered: number
    readonly pending: number
  }>
  readonly roomCount: () => number
  readonly pendingUpgrades: () => number
  /** Connections that a closing app waits for. */
  readonly drainRemaining: () => number
  /** Seconds. */
  readonly loopDelay: () => {readonly mean: number; readonly p99: number; readonly max: number}
  readonly judged: Durations
  /** Where the app has one. */
  readonly bus: BusTraffic | undefined
  readonly journal: Journal
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Metric {
  readonly kind: 'counter' | 'gauge'
  readonly name: string
  readonly help: string
  readonly read: (app: Measured) => Iterable<Sample>
}

const one = (value: number): Sample[] => [{labels: {}, value}]

const exceeded = ({journal}: Measured, ...limits: readonly ExceededLimit[]) =>
  limits.reduce((sum, limit) => sum + journal.exceededCounts.of(limit), 0)

const ofRoutes = (
  app: Measured,
  read: (traffic: Traffic) => Readonly<Record<string, number>>,
  label: string,
): Sample[] =>
  [...app.routes()].flatMap(({path, traffic}) =>
    Object.entries(read(traffic)).map(([name, value]) => ({labels: {route: path, [label]: name}, value})),
  )

function connectionsByRoute(app: Measured): Sample[] {
  const counts = new Map([...app.routes()].map(({path}) => [path, 0]))
  for (const {path} of app.connections()) counts.set(path, (counts.get(path) ?? 0) + 1)
  return [...counts].map(([route, value]) => ({labels: {route}, value}))
}

function rejectedMessages(app: Measured): Sample[] {
  const counts = new Map<string, number>([
    ['too_large', exceeded(app, 'maxPayload')],
    ['parts', exceeded(app, 'maxFragments', 'maxBufferedChunks')],
    ['incomplete', exceeded(app, 'messageTimeout')],
  ])
  for (const {traffic} of app.routes())
    for (const [code, count] of traffic.rejected) {
      const reason = code.toLowerCase()
      counts.set(reason, (counts.get(reason) ?? 0) + count)
    }
  return [...counts].map(([reason, value]) => ({labels: {reason}, value}))
}

const sumOf = (app: Measured, name: 'buffered' | 'pending') =>
  one([...app.connections()].reduce((sum, connection) => sum + connection[name], 0))

const labelled = (label: string, values: Readonly<Record<string, number>>): Sample[] =>
  Object.entries(values).map(([name, value]) => ({labels: {[label]: name}, value}))

function metric(kind: Metric['kind'], name: string, help: string, read: Metric['read']): Metric {
  return {kind, name: `candy_${name}`, help, read}
}

/** What Candy measures besides its two histograms. */
export const metrics: readonly Metric[] = [
  metric('gauge', 'connections', 'Open connections.', connectionsByRoute),
  metric('gauge', 'rooms', 'Rooms with anybody in them.', app => one(app.roomCount())),
  metric('counter', 'messages_total', 'Messages received, and messages handed over to be sent.', app =>
    ofRoutes(app, ({messagesIn, messagesOut}) => ({in: messagesIn, out: messagesOut}), 'direction'),
  ),
  metric('counter', 'bytes_total', 'Bytes of messages received, and of frames written.', app =>
    ofRoutes(app, ({bytesIn, bytesOut}) => ({in: bytesIn, out: bytesOut}), 'direction'),
  ),
  metric('counter', 'dropped_total', 'Messages that were not sent.', app =>
    ofRoutes(
      app,
      ({dropped, replaced, late}) => ({volatile: dropped, latest: replaced, closed: late}),
      'why',
    ),
  ),
  metric('gauge', 'buffered_bytes', 'Bytes sent and not yet taken by the operating system.', app =>
    sumOf(app, 'buffered'),
  ),
  metric('gauge', 'pending', 'Messages received that wait for their turn.', app => sumOf(app, 'pending')),
  metric('gauge', 'pending_upgrades', 'Handshakes that wait for auth or middleware.', app =>
    one(app.pendingUpgrades()),
  ),
  metric('counter', 'rejected_total', 'Refused handshakes.', ({journal}) =>
    [...journal.refusals].map(({code, why, count}) => ({labels: {code: String(code), why}, value: count})),
  ),
  metric('counter', 'messages_rejected_total', 'Messages refused.', rejectedMessages),
  metric('counter', 'limit_total', 'How often a limit was exceeded.', ({journal}) =>
    [...journal.exceededCounts].map(([limit, value]) => ({labels: {limit}, value})),
  ),
  metric('counter', 'rate_limited_total', 'Connections cut for sending too fast.', app =>
    one(exceeded(app, 'messageRate', 'byteRate')),
  ),
  metric('counter', 'slow_total', 'Connections cut for reading too slowly.', app =>
    one(exceeded(app, 'maxBuffered')),
  ),
  metric('counter', 'dead_peers_total', 'Connections cut because the peer gave no sign of life.', app =>
    one(exceeded(app, 'pongTimeout')),
  ),
  metric('gauge', 'drain_remaining', 'Connections that a closing app waits for.', app =>
    one(app.drainRemaining()),
  ),
  metric('gauge', 'loop_delay_seconds', 'Delay of the event loop since the last scrape.', app =>
    Object.entries(app.loopDelay()).map(([stat, value]) => ({labels: {stat}, value})),
  ),
  metric('gauge', 'bus_up', 'Whether the bus to the other nodes is there: 1 or 0.', ({bus}) =>
    bus ? one(bus.isUp ? 1 : 0) : [],
  ),
  metric('counter', 'bus_messages_total', 'Messages to and from other nodes.', ({bus}) =>
    bus ? labelled('what', {published: bus.published, failed: bus.failed, received: bus.received}) : [],
  ),
  metric(
    'counter',
    'bus_ignored_total',
    'What was on a channel of the bus and could not be used.',
    ({bus}) => (bus ? labelled('why', bus.ignored) : []),
  ),
  metric(
    'counter',
    'gaps_total',
    'Clients told that they may have missed messages of other nodes.',
    ({bus}) => (bus ? one(bus.gaps) : []),
  ),
]
