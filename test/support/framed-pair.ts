import {once} from 'node:events'
import {createServer, type Server} from 'node:http'
import type {AddressInfo, Socket} from 'node:net'
import {Outbox} from '#candy/connection/outbox.js'
import {FramedSocket} from '#candy/http/framed-socket.js'
import {defaultLimits, type Limit} from '#candy/limits.js'
import {Traffic} from '#candy/telemetry/traffic.js'
import {afterEach} from 'vitest'
import {WebSocket, WebSocketServer, type ServerOptions} from 'ws'

type Deflate = NonNullable<ServerOptions['perMessageDeflate']>

/** Both ends of a real connection, with an outbox at the server's. */
export interface FramedPair {
  readonly outbox: Outbox
  /** What the outbox has told its owner. */
  readonly told: {lagging: number; cut: number}
  readonly traffic: Traffic
  readonly server: FramedSocket
  readonly client: WebSocket
  /** What the client has received: text, or bytes as hexadecimal digits. */
  readonly heard: string[]
  /** Resolves once it has received so many. */
  readonly hears: (count: number) => Promise<void>
  /** What was written to the server's TCP socket, call by call. */
  readonly writes: Uint8Array[]
  /** The code the client was closed with, when it has heard everything. */
  readonly closed: Promise<number>
}

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/**
 * @param deflate how the server compresses; `false`: not at all
 * @param maxBuffered bytes; by default the app's
 */
export async function framedPair(
  deflate: Deflate = false,
  maxBuffered: Limit = defaultLimits.maxBuffered,
): Promise<FramedPair> {
  const http = createServer()
  servers.push(http)
  const sockets = new WebSocketServer({server: http, WebSocket: FramedSocket, perMessageDeflate: deflate})
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`)
  const heard: string[] = []
  client.on('message', (data, binary) =>
    heard.push(binary ? (data as Buffer).toString('hex') : (data as Buffer).toString()),
  )
  const hears = async (count: number) => {
    while (heard.length < count) await once(client, 'message')
  }
  const closed = once(client, 'close').then(([code]) => code as number)
  const [[server]] = (await Promise.all([once(sockets, 'connection'), once(client, 'open')])) as [
    [FramedSocket, {readonly socket: Socket}],
    unknown,
  ]
  server.on('error', () => undefined)
  const told = {lagging: 0, cut: 0}
  const traffic = new Traffic()
  const outbox = new Outbox(server, {
    limits: {maxBuffered},
    traffic,
    lagging: () => (told.lagging += 1),
    exceeded: () => undefined,
    cut: code => (told.cut = code),
  })
  server.outbox = outbox
  return {outbox, told, traffic, server, client, heard, hears, writes: writesTo(server), closed}
}

function writesTo(server: FramedSocket): Uint8Array[] {
  const {_socket: socket} = server as unknown as {readonly _socket: Socket}
  const writes: Uint8Array[] = []
  const write = socket.write.bind(socket) as (chunk: Uint8Array, done?: () => void) => boolean
  socket.write = ((chunk: Uint8Array, done?: () => void) => {
    writes.push(chunk)
    return write(chunk, done)
  }) as Socket['write']
  return writes
}
