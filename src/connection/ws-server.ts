import {Audience} from '../rooms/audience.js'
import {encode, type SendOptions} from '../rooms/frame.js'
import type {Hub} from '../rooms/hub.js'
import type {WsClient} from './ws-client.js'

/** `Candy.Route.wsServer`, also injectable: reaches every connection of the app, from anywhere. */
export class WsServer {
  readonly #hub: Hub<WsClient>

  /** @internal */
  constructor(hub: Hub<WsClient>) {
    this.#hub = hub
  }

  /** The open connections by id. */
  get clients(): ReadonlyMap<string, WsClient> {
    return this.#hub.members
  }

  get clientCount(): number {
    return this.#hub.members.size
  }

  /** Rooms with anybody in them. @internal */
  get roomCount(): number {
    return this.#hub.roomCount
  }

  /** Sends to everyone in a room. @throws CandyError `ROOM`; TypeError and RangeError as `Candy.ws.send` */
  toRoom(room: string, data: unknown, options?: SendOptions): void {
    this.to(room).send(data, options)
  }

  /** Everyone in any of the rooms, once each. @throws CandyError `ROOM` */
  to(...rooms: string[]): Audience {
    return new Audience(
      (names, except, frame, options) => this.#hub.toRooms(names, except, frame, options),
      rooms,
    )
  }

  /** Sends to every connection. @throws TypeError and RangeError as `Candy.ws.send` */
  broadcast(data: unknown, options?: SendOptions): void {
    this.#hub.toAll(undefined, encode(data), options)
  }
}
