import type {Limits} from '../limits.js'
import type {Encode} from '../rooms/frame.js'
import type {Hub, Member} from '../rooms/hub.js'
import type {Listeners} from './listeners.js'

/** What a route says of all its clients. */
export interface ClientRoute {
  /** Judges what is sent, where the route declares it. */
  readonly encode: Encode
  readonly limits: Pick<Limits, 'maxRooms'>
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
