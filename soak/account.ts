/** How a connection ended, as whoever ended it says; `stayed`: to the end of the run. */
export type Fate = 'stayed' | 'left' | 'terminated' | 'reset' | 'revoked' | 'too slow' | 'dead'

/** One direction of one connection: numbers count from where it came in. */
export interface Stream {
  /** The number before the first that it was to hear. */
  readonly from: number
  /** The last number that it heard. */
  readonly heard: number
  /** Numbers that came out of turn. */
  readonly gaps: number
}

/** What the client knows of a connection that was open. */
export interface ClientAccount {
  readonly connection: number
  /** What it is: only a reader that stopped may be cut for it. */
  readonly kind: 'steady' | 'slow' | 'stopped'
  readonly sent: number
  readonly acknowledged: number
  /** By room, and `*` for what everybody is told. */
  readonly streams: Readonly<Record<string, Stream>>
  /** What the client did, if it was the client that ended the connection. */
  readonly ended?: 'stayed' | 'left' | 'terminated' | 'reset'
}

/** What the server knows of a connection that is closed. */
export interface ServerAccount {
  readonly connection: number
  readonly handled: number
  /** Messages that came out of turn. */
  readonly gaps: number
  /** The number of the last that each stream had been told when it closed. */
  readonly told: Readonly<Record<string, {readonly from: number; readonly last: number}>>
  readonly code: number
  readonly revoked: boolean
}

export interface Totals {
  connections: number
  sent: number
  handled: number
  acknowledged: number
  told: number
  heard: number
  /** By fate: how many connections, and what was on its way to or from them. */
  readonly lost: Partial<Record<Fate, {connections: number; up: number; down: number}>>
}

/** Every message of every connection, from who sent it to who got it. */
export class Ledger {
  readonly totals: Totals = {
    connections: 0,
    sent: 0,
    handled: 0,
    acknowledged: 0,
    told: 0,
    heard: 0,
    lost: {},
  }
  /** What is not explained. */
  readonly faults: string[] = []
  readonly #clients = new Map<number, ClientAccount>()
  readonly #servers = new Map<number, ServerAccount>()

  client(account: ClientAccount): void {
    const other = this.#servers.get(account.connection)
    if (other) this.#settle(account, other)
    else this.#clients.set(account.connection, account)
  }

  server(account: ServerAccount): void {
    const other = this.#clients.get(account.connection)
    if (other) this.#settle(other, account)
    else this.#servers.set(account.connection, account)
  }

  /** Connections of which one side only has told. */
  get open(): number {
    return this.#clients.size + this.#servers.size
  }

  /** Nothing more will be told. */
  close(): void {
    for (const connection of this.#clients.keys())
      this.faults.push(`connection ${connection}: the server says nothing of its end`)
    for (const connection of this.#servers.keys())
      this.faults.push(`connection ${connection}: the client says nothing of it`)
  }

  #settle(client: ClientAccount, server: ServerAccount): void {
    this.#clients.delete(client.connection)
    this.#servers.delete(client.connection)
    const fate = fateOf(client, server)
    const wrong =
      fate === undefined
        ? [`ended with ${server.code}, and nobody asked for it`]
        : faultsOf(client, server, fate)
    this.faults.push(...wrong.map(fault => `connection ${client.connection} (${client.kind}): ${fault}`))
    this.#add(client, server, fate ?? 'dead')
  }

  #add(client: ClientAccount, server: ServerAccount, fate: Fate): void {
    const {totals} = this
    const told = sum(Object.values(server.told).map(({from, last}) => last - from))
    const heard = sum(Object.values(client.streams).map(({from, heard}) => heard - from))
    totals.connections += 1
    totals.sent += client.sent
    totals.handled += server.handled
    totals.acknowledged += client.acknowledged
    totals.told += told
    totals.heard += heard
    const lost = (totals.lost[fate] ??= {connections: 0, up: 0, down: 0})
    lost.connections += 1
    lost.up += client.sent - server.handled
    lost.down += told - heard
  }
}

/** @returns undefined where nothing explains the end */
function fateOf(client: ClientAccount, server: ServerAccount): Fate | undefined {
  // The server may have ended it before it heard that the client has.
  if (server.revoked && server.code === 4_001) return 'revoked'
  if (client.kind === 'stopped' && server.code === 1_013) return 'too slow'
  if (client.kind === 'stopped' && server.code === 1_006 && client.ended === undefined) return 'dead'
  if (client.ended === 'stayed' || client.ended === 'left')
    return server.code === 1_000 ? client.ended : undefined
  return server.code === 1_006 ? client.ended : undefined
}

function faultsOf(client: ClientAccount, server: ServerAccount, fate: Fate): string[] {
  const faults: string[] = []
  const wrong = (is: boolean, fault: string) => is && faults.push(fault)
  wrong(server.gaps > 0, `${server.gaps} of its messages were handled out of turn`)
  wrong(server.handled > client.sent, `${server.handled} messages handled of ${client.sent} sent`)
  wrong(
    client.acknowledged > server.handled,
    `${client.acknowledged} acknowledged of ${server.handled} handled`,
  )
  // Who says goodbye has said everything before.
  const all = fate === 'stayed' || fate === 'left'
  wrong(all && server.handled !== client.sent, `${server.handled} handled of ${client.sent} sent`)
  wrong(
    fate === 'stayed' && client.acknowledged !== client.sent,
    `${client.acknowledged} acknowledged of ${client.sent}`,
  )
  for (const name of new Set([...Object.keys(server.told), ...Object.keys(client.streams)]))
    faults.push(...streamFaults(name, client.streams[name], server.told[name], fate))
  return faults
}

function streamFaults(
  name: string,
  stream: Stream | undefined,
  told: {readonly from: number; readonly last: number} | undefined,
  fate: Fate,
): string[] {
  // One who was gone before the welcome has heard of no stream at all.
  if (!stream) return fate === 'stayed' ? [`it was never told of ${name}`] : []
  if (!told) return [`it heard ${name}, of which the server knows nothing`]
  if (stream.gaps > 0) return [`${stream.gaps} gaps in ${name}`]
  if (stream.from !== told.from) return [`${name} began at ${stream.from}, not at ${told.from}`]
  if (stream.heard > told.last)
    return [`it heard ${stream.heard} of ${name}, where ${told.last} was the last`]
  if (fate === 'stayed' && stream.heard < told.last)
    return [`${told.last - stream.heard} missing at the end of ${name}`]
  return []
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
