import {once} from 'node:events'
import type {Server} from 'node:http'
import type {AddressInfo, Socket} from 'node:net'
import {expect} from 'vitest'
import {WebSocket} from 'ws'

const sockets = new WeakMap<Server, Set<Socket>>()

/** Listens on a free port of 127.0.0.1. */
export async function listen(server: Server): Promise<number> {
  const open = new Set<Socket>()
  sockets.set(server, open)
  server.on('connection', socket => open.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Closes the server, and cuts what it has forgotten: sockets that were upgraded, or that nobody answered. */
export async function end(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  for (const socket of sockets.get(server) ?? []) socket.destroy()
  await closed
}

/** That the host serves its page. */
export async function expectPage(url: string, text = 'theirs'): Promise<void> {
  const response = await fetch(url, {headers: {connection: 'close'}})
  expect([response.status, await response.text()]).toEqual([200, expect.stringContaining(text)])
}

/** That a socket of the host answers. */
export async function expectAnswer(url: string, message: unknown, answer: unknown): Promise<void> {
  const socket = new WebSocket(url)
  const heard = once(socket, 'message')
  await once(socket, 'open')
  socket.send(JSON.stringify(message))
  const [data] = (await heard) as [Buffer]
  expect(JSON.parse(data.toString())).toEqual(answer)
  socket.terminate()
}
