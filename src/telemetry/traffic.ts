/** What goes through the connections of one route: plain numbers, since they change with every message. */
export class Traffic {
  messagesIn = 0
  bytesIn = 0
  messagesOut = 0
  bytesOut = 0
  /** Messages not sent: `{volatile}` to a slow client, or to one that has closed. */
  dropped = 0
  /** Messages that a newer one of the same `{latest}` key has replaced. */
  replaced = 0
  /** Told the seconds that each handled message took, where somebody wants to know. */
  onHandled: ((seconds: number) => void) | undefined
}
