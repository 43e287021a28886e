import type {Candy} from '../candy.js'
import type {DeclaredContract, MessageContract} from '../messages/contract.js'
import type {Encode} from '../rooms/frame.js'
import type {Handler} from '../routing/route.js'

/** What a controller compiles to: the handler a user would have written by hand, and what its parameters ask. */
export interface CompiledHandler extends Handler<Candy> {
  /** Whether the request can fill the parameters; judged before there is a connection. */
  admits?: (candy: Candy) => boolean
  /** Whether a method wants to know the user: `@Auth()` or `@User()` on it. */
  asksUser?: boolean
  /** Judges what the class declares that it sends. */
  encode?: Encode
  /** What the class says of its messages. */
  contract?: MessageContract
  /** What the options of a functional route say of its messages: `on()` takes these and no others. */
  declared?: DeclaredContract
}
