import {Hub} from './hub.js'
import type {Link, LinkEvents} from './link.js'
import type {Join, ToHub} from './tab-messages.js'

/** A hub of this tab's own, where there is no way to the others. */
export class LonelyLink implements Link {
  readonly #tab: string
  readonly #hub: Hub

  constructor(join: Join, events: LinkEvents) {
    this.#tab = join.tab
    this.#hub = new Hub(join, {
      lock: undefined,
      post: (_, message) => (message.is === 'beat' ? this.post({is: 'alive'}) : events.heard(message)),
      postAll: message => message.is !== 'beat' && events.heard(message),
      left: () => undefined,
    })
    queueMicrotask(() => this.post(join))
  }

  post(message: ToHub): void {
    this.#hub.hear(this.#tab, message)
  }

  close(): void {
    this.#hub.end()
  }
}
