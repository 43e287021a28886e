import {once} from 'node:events'
import type {AddressInfo} from 'node:net'
import {afterEach, expect, it} from 'vitest'
import {WebSocketServer, type WebSocket} from 'ws'
// @ts-expect-error the bench is JavaScript, without types
import * as bench from '../../bench/verify.js'
// @ts-expect-error the bench is JavaScript, without types
import * as spoken from '../../bench/protocols.js'

const verify = bench.verify as (server: object) => Promise<void>
const {plain} = spoken.protocols as {plain: object}

interface Message {
  ref: number
  id: number
  text: string
  ts: number
}

let server: WebSocketServer | undefined

afterEach(() => {
  for (const client of server?.clients ?? []) client.terminate()
  server?.close()
})

/** What verify says of a server that does this with an order. */
async function verdictOn(hear: (socket: WebSocket, message: Message) => void): Promise<string> {
  server = new WebSocketServer({port: 0, host: '127.0.0.1'})
  await once(server, 'listening')
  server.on('connection', socket =>
    socket.on('message', data => hear(socket, JSON.parse((data as Buffer).toString()) as Message)),
  )
  const address = {port: (server.address() as AddressInfo).port}
  return verify({name: 'ws', work: 'echo', address, protocol: plain}).then(
    () => 'all is well',
    (error: Error) => error.message,
  )
}

const reply = ({ref, id, text, ts}: Message) =>
  JSON.stringify({type: 'reply', ref, data: {id, accepted: true, length: text.length, ts}})

it('has nothing against a server that answers each once, rightly and in order', async () => {
  expect(await verdictOn((socket, message) => socket.send(reply(message)))).toBe('all is well')
})

it('names the peer and its work, and shows what came', async () => {
  const verdict = await verdictOn((socket, message) => socket.send(reply({...message, id: message.id + 30})))
  expect(verdict).toContain('ws at echo: ')
  expect(verdict).toContain('id: 31')
})

it('sees that an answer is in the place of another', async () => {
  let held: Message | undefined
  const verdict = await verdictOn((socket, message) => {
    if (message.ref === 1) held = message
    else socket.send(reply(message))
    if (message.ref === 2 && held) socket.send(reply(held))
  })
  expect(verdict).toContain('ref: 2')
})

it('sees the last answer twice', async () => {
  const verdict = await verdictOn((socket, message) => {
    socket.send(reply(message))
    if (message.ref === 3) socket.send(reply(message))
  })
  expect(verdict).toContain('frames too many')
})

it('sees bytes where text was due', async () => {
  const verdict = await verdictOn((socket, message) => socket.send(Buffer.from(reply(message))))
  expect(verdict).toContain('a binary frame')
})

it('sees that a server hangs up', async () => {
  expect(await verdictOn(socket => socket.close(1011))).toContain('closed with 1011, where an answer was due')
})
