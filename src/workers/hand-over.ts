import type {Worker} from 'node:cluster'

/** A connection that the primary has accepted. */
interface Accepted {
  close(): void
}

/**
 * Node keeps a connection that it hands to a worker open until the worker says that it has it. One that dies never does:
 * whoever had just connected would wait for ever. What is under way then is closed, so that he may connect again.
 */
export function closeUnheard({process}: Worker): void {
  const underWay = new Map<unknown, Accepted>()
  const send = process.send?.bind(process) as ((...args: unknown[]) => boolean) | undefined
  // It could not be started.
  if (!send) return
  process.send = (message: unknown, handle: unknown, ...rest: unknown[]) => {
    const {act, seq} = fieldsOf(message)
    if (act === 'newconn' && isAccepted(handle)) underWay.set(seq, handle)
    return send(message, handle, ...rest)
  }
  process.on('internalMessage', (message: unknown) => void underWay.delete(fieldsOf(message).ack))
  const close = () => {
    for (const handle of underWay.values()) handle.close()
    underWay.clear()
  }
  process.once('exit', close).once('disconnect', close)
}

function fieldsOf(message: unknown): {act?: unknown; seq?: unknown; ack?: unknown} {
  return message ?? {}
}

function isAccepted(handle: unknown): handle is Accepted {
  return typeof (handle as Partial<Accepted> | undefined)?.close === 'function'
}
