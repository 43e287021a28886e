import {once} from 'node:events'
import {expect} from 'vitest'
import {WebSocket} from 'ws'

export {end, listen} from '../../test/support/host.js'

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
