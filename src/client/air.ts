import type {ToHub, ToTab} from './tab-messages.js'

/** From a tab to whoever leads; or from there to one tab, or to all. `hello`: it leads now. */
export type OnAir =
  | {readonly from: string; readonly message: ToHub}
  | {readonly to: string | undefined; readonly message: ToTab | {readonly is: 'hello'}}

/** Where all tabs that know its name hear each other. */
export class Air {
  readonly #channel: InstanceType<typeof BroadcastChannel>

  constructor(name: string, hear: (said: OnAir) => void) {
    this.#channel = new BroadcastChannel(name)
    this.#channel.addEventListener('message', (event: unknown) => hear((event as {data: OnAir}).data))
  }

  say(said: OnAir): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel stays within its origin
    this.#channel.postMessage(said)
  }

  close(): void {
    this.#channel.close()
  }
}
