/** What goes over the bus of one app: plain numbers, since they change with every message. */
export class BusTraffic {
  readonly kind: string
  isUp = false
  /** Messages that the bus has accepted. */
  published = 0
  /** Messages that it has not: nobody on another node hears them. */
  failed = 0
  /** Messages of other nodes. */
  received = 0
  /** How often clients here were told that they may have missed something. */
  gaps = 0
  /** What was on a channel and could not be used. */
  readonly ignored = {form: 0, version: 0, size: 0}

  constructor(kind: string) {
    this.kind = kind
  }
}
