import type {Limits} from '../limits.js'
import type {Encode} from '../rooms/frame.js'
import type {Hub, Member} from '../rooms/hub.js'
import type {Listeners} from './listeners.js'

/** `Candy.ws.data`: yours, per connection. */
export interface WsData {
  [key: string]: unknown
}

/** What a route says of all its clients. */
export interface ClientRoute {
  /** Judges what is sent, where the route declares it. */
  readonly encode: Encode
  readonly limits: Pick<Limits, 'maxRooms' | 'maxBuffered'>
}

/** What a client is made of. */
export interface WsClientParts<M extends Member> {
  readonly id: string
  readonly hub: Hub<M>
  readonly who: {readonly known: unknown}
  /** Whether this is an HTTP request, which never becomes a connection. */
  readonly isHttp: boolean
  readonly route: ClientRoute
  readonly listeners: Listeners
}
