import type {App, AppOptions, Candy, Handler, Limits} from 'candy-ws'
import type {ExceededLimit} from '#candy/telemetry/limit-events.js'
import {handshake, raw, type HeaderLines, type Raw} from '../support/raw.js'
import type {Served} from '../support/serve.js'

/** How a limit is exceeded, and what is known then. */
export interface Case {
  readonly options: AppOptions
  readonly declare: (app: App) => void
  readonly exceed: (served: Served, clients: Clients) => unknown
  /** What its line in the log names besides the limit. */
  readonly names: readonly ('route' | 'connection' | 'ip')[]
  /** Limits that are exceeded on the way to it. */
  readonly before: readonly ExceededLimit[]
}

/** The clients of a test, which are gone after it. */
export class Clients {
  readonly #port: number
  readonly #all: Raw[] = []

  constructor(port: number) {
    this.#port = port
  }

  async reach(): Promise<Raw> {
    const client = await raw(this.#port)
    this.#all.push(client)
    return client
  }

  /** A handshake that may still have to wait. */
  async ask(target = '/', headers: HeaderLines = {}): Promise<Raw> {
    return (await this.reach()).write(handshake(target, headers))
  }

  async open(headers: HeaderLines = {}): Promise<Raw> {
    const client = await this.ask('/', headers)
    const {status} = await client.head()
    if (status !== 101) throw new Error(`the handshake was answered with ${status}`)
    return client
  }

  leave(): void {
    for (const {socket} of this.#all) socket.destroy()
  }
}

/** Of a connection at `/`: what its client does once it is open. */
export function onConnection(
  limits: Partial<Limits>,
  does: (client: Raw) => unknown = () => undefined,
  handler: Handler<Candy> = () => undefined,
  before: readonly ExceededLimit[] = [],
): Case {
  return {
    options: {limits},
    declare: ({Route}) => Route.ws('/', handler, {token: false}),
    exceed: async (_, clients) => does(await clients.open()),
    names: ['route', 'connection'],
    before,
  }
}

export const never = () => new Promise<never>(() => undefined)
