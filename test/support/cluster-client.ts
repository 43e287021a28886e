import {connect, type TestClient} from 'candy-ws/testing'
import type {Commands} from './cluster-app.js'
import {eventually} from './eventually.js'

type Rest<A extends readonly unknown[]> = A extends readonly [unknown, ...infer R] ? R : []
type Answer<K extends keyof Commands> = Awaited<ReturnType<Commands[K]>>

export interface PresenceFrame {
  readonly type: 'candy.presence'
  readonly room: string
  readonly users?: readonly PresenceUser[]
  readonly joined?: readonly PresenceUser[]
  readonly updated?: readonly PresenceUser[]
  readonly left?: readonly string[]
}

export interface PresenceUser {
  readonly key: string
  readonly id: string | null
  readonly meta?: unknown
  readonly connections: number
}

export interface GapFrame {
  readonly type: 'candy.gap'
  readonly rooms: readonly string[]
}

/** What goes out to see who is reached: it is no message of the test's. */
export interface Probe {
  readonly type: 'probe'
  readonly key: number
  readonly from: number
}

interface Done {
  readonly type: 'done'
  readonly ref: number
  readonly result?: unknown
  readonly threw?: string
}

/** A client that has its node do things, and writes down everything else that comes. */
export class ClusterClient {
  /** Whatever has come but answers and probes, in order. */
  readonly frames: unknown[] = []
  readonly closed: TestClient['closed']
  readonly #client: TestClient
  readonly #waiting = new Map<number, (done: Done) => void>()
  readonly #probes = new Map<number, Set<number>>()
  #count = 0
  #hasEnded = false

  constructor(client: TestClient) {
    this.#client = client
    this.closed = client.closed
    void this.#read()
  }

  static async open(url: string, path: string, cookie?: string): Promise<ClusterClient> {
    const options = {token: false, ...(cookie !== undefined && {headers: {cookie}})}
    return new ClusterClient(await connect(url, path, options))
  }

  get isClosed(): boolean {
    return this.#hasEnded
  }

  /** Without what begins with `candy.`. */
  get messages(): unknown[] {
    return this.frames.filter(frame => !typeOf(frame).startsWith('candy.'))
  }

  get gaps(): GapFrame[] {
    return this.frames.filter(frame => typeOf(frame) === 'candy.gap') as GapFrame[]
  }

  get presence(): PresenceFrame[] {
    return this.frames.filter(frame => typeOf(frame) === 'candy.presence') as PresenceFrame[]
  }

  /** @returns the answer; rejects with an Error whose message is the code of what it threw */
  do<K extends keyof Commands>(what: K, ...args: Rest<Parameters<Commands[K]>>): Promise<Answer<K>> {
    const ref = (this.#count += 1)
    this.#client.send({ref, what, args})
    return new Promise((resolve, reject) => {
      this.#waiting.set(ref, ({result, threw}) => {
        if (threw === undefined) resolve(result as Answer<K>)
        else reject(new Error(threw))
      })
    })
  }

  /** How many nodes have reached it with a probe. */
  probes(key: number): number {
    return this.#probes.get(key)?.size ?? 0
  }

  /** Waits for so many messages. */
  async heard(count: number): Promise<unknown[]> {
    await eventually(() => this.messages.length >= count, `${count} messages, not ${this.messages.length}`)
    return this.messages
  }

  async close(): Promise<void> {
    await this.#client.close()
  }

  /** Without a word, as a line that breaks. */
  async drop(): Promise<void> {
    await this.#client.terminate()
  }

  async #read(): Promise<void> {
    try {
      for (;;) this.#take(await this.#client.next(2 ** 31 - 1))
    } catch {
      this.#hasEnded = true
      for (const [ref, done] of this.#waiting) done({type: 'done', ref, threw: 'the connection has closed'})
    }
  }

  #take(frame: unknown): void {
    const type = typeOf(frame)
    if (type === 'done') {
      const done = frame as Done
      this.#waiting.get(done.ref)?.(done)
      this.#waiting.delete(done.ref)
    } else if (type === 'probe') {
      const {key, from} = frame as Probe
      this.#probes.set(key, (this.#probes.get(key) ?? new Set()).add(from))
    } else this.frames.push(frame)
  }
}

function typeOf(frame: unknown): string {
  const {type} = (frame ?? {}) as {type?: unknown}
  return typeof type === 'string' ? type : ''
}
