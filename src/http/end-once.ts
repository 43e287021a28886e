import type {Writable} from 'node:stream'

interface EndedOnce extends Writable {
  /** Asked to write its last. */
  beforeEnd?: {finish(): void} | undefined
}

/**
 * Ends a stream once, however often it is asked to. Node makes an error, with its stack, whenever a stream is ended that
 * has ended, and drops it where no callback wants it. `ws` ends its two streams three times more than once per
 * connection: a tenth of what a connection costs.
 *
 * @param beforeEnd asked to write its last first: `ws` answers a client's FIN with its own, at once
 */
export function endOnce(stream: EndedOnce | null | undefined, beforeEnd?: {finish(): void}): void {
  if (!stream || Object.hasOwn(stream, 'end')) return
  stream.end = end
  stream.beforeEnd = beforeEnd
}

function end<S extends EndedOnce>(this: S, ...given: readonly unknown[]): S {
  if (given.length === 0 && this.writableEnded) return this
  const {beforeEnd} = this
  this.beforeEnd = undefined
  beforeEnd?.finish()
  return Reflect.apply(Reflect.get(Object.getPrototypeOf(this) as S, 'end'), this, given)
}
