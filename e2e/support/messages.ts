import {once} from 'node:events'
import type {WebSocket} from 'ws'

/** The messages of a socket, one by one, from the first. */
export function messages(socket: WebSocket): () => Promise<unknown> {
  const heard: unknown[] = []
  socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString())))
  return async () => {
    while (heard.length === 0) await once(socket, 'message')
    return heard.shift()
  }
}
