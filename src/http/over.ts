import type {IncomingMessage, ServerResponse} from 'node:http'

/** Calls once when a request is over: its answer is out, or the client has gone. */
export function onceOver(incoming: IncomingMessage, outgoing: ServerResponse, call: () => void): void {
  let over = false
  const end = () => {
    if (over) return
    over = true
    call()
  }
  outgoing.once('close', end)
  // An answer that waits behind another one on its connection is told nothing of the connection's end; its request is.
  incoming.once('close', () => {
    if (incoming.socket.destroyed) end()
  })
}
