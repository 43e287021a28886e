import type {Writable} from 'node:stream'

/**
 * Ends a stream once, however often it is asked to. Node makes an error, with its stack, whenever a stream is ended that
 * has ended, and drops it where no callback wants it. `ws` ends its two streams three times more than once per
 * connection: a tenth of what a connection costs.
 */
export function endOnce(stream: Writable | null | undefined): void {
  if (stream && !Object.hasOwn(stream, 'end')) stream.end = end
}

function end<S extends Writable>(this: S, ...given: readonly unknown[]): S {
  if (given.length === 0 && this.writableEnded) return this
  return Reflect.apply(Reflect.get(Object.getPrototypeOf(this) as S, 'end'), this, given)
}
