import type {Ears} from '#candy/connection/socket.js'
import {setImmediate as turn} from 'node:timers/promises'
import {expect, it} from 'vitest'
import {framedPair} from '../support/framed-pair.js'

it('holds nothing of the app once it has ended, and what `ws` still says of it harms nobody', async () => {
  const {server, client} = await framedPair()
  const {_socket: raw} = server as unknown as {readonly _socket: object}
  const app = await heardUntilItEnds(server, () => client.close())
  gc!()
  await turn()
  gc!()
  expect(app.deref()).toBeUndefined()
  expect(server.emit('error', new Error('late'))).toBe(true)
  // Held until here, as node may hold it.
  expect(raw).toBeDefined()
})

/** Whoever heard it, held by nobody else. */
async function heardUntilItEnds(server: {ears: Ears | undefined}, end: () => void): Promise<WeakRef<Ears>> {
  const deaf = {
    frame: () => undefined,
    closing: () => undefined,
    failed: () => undefined,
    pinged: () => undefined,
  }
  let ears: Ears
  await new Promise<void>(resolve => {
    ears = {...deaf, ended: () => resolve()}
    server.ears = ears
    end()
  })
  return new WeakRef(ears!)
}
