import {Audience, type Deliver} from '../rooms/audience.js'
import {encode, type SendOptions} from '../rooms/frame.js'
import type {Hub} from '../rooms/hub.js'
import type {Presence, RoomPresence} from '../rooms/presence.js'
import {checkRoom} from '../rooms/rooms.js'
import type {WsClient} from './ws-client.js'

/** `Candy.Route.wsServer`, also injectable: reaches every connection of the app, from anywhere; `clients` are those of this process. */
export class WsServer {
  readonly #hub: Hub<WsClient>
  readonly #presence: Presence<WsClient>

  /** @internal */
  constructor(hub: Hub<WsClient>, presence: Presence<WsClient>) {
    this.#hub = hub
    this.#presence = presence
  }

  /** The open connections of this process by id. */
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

  /** Sends to everyone in a room, on every node. @throws CandyError `ROOM`; TypeError and RangeError as `Candy.ws.send` */
  toRoom(room: string, data: unknown, options?: SendOptions): void {
    this.to(room).send(data, options)
  }

  /** Everyone in any of the rooms, once each, on every node. @throws CandyError `ROOM` */
  to(...rooms: string[]): Audience {
    return new Audience(this.#deliver, {rooms})
  }

  /**
   * Every connection of a user, on every node, as far as they are known: on `auth` routes, and wherever `Candy.Auth` has been
   * asked.
   *
   * @param id the user's `id`
   */
  toUser(id: string | number): Audience {
    return new Audience(this.#deliver, {user: String(id)})
  }

  /** Sends to every connection, on every node. @throws TypeError and RangeError as `Candy.ws.send` */
  broadcast(data: unknown, options?: SendOptions): void {
    this.#hub.send({everyone: true}, [], encode(data), options)
  }

  /**
   * Who is in a room, on every node. Never rejects: while the bus is down, those are told who are known here.
   *
   * @throws CandyError `ROOM`
   */
  presence(room: string): Promise<RoomPresence> {
    checkRoom(room)
    return this.#presence.of(room)
  }

  readonly #deliver: Deliver = (to, except, frame, options) => this.#hub.send(to, except, frame, options)
}
