import type {Candy} from '../candy.js'
import {closeCodes} from '../codes.js'
import {userKey} from '../identity/user.js'

interface Life {
  /** Resolves when nothing of the connection is left. */
  readonly done: Promise<void>
  readonly session: string | undefined
}

/** Connections, and what of them is still being cleaned up; by session, since a logout must not look at all of them. */
export class Lives {
  readonly #all = new Map<Candy, Life>()
  readonly #bySession = new Map<string, Set<Candy>>()

  get size(): number {
    return this.#all.size
  }

  keys(): IterableIterator<Candy> {
    return this.#all.keys()
  }

  /** Resolves when nothing of any of those there now is left. */
  async done(): Promise<void> {
    await Promise.all([...this.#all.values()].map(life => life.done))
  }

  add(candy: Candy, done: Promise<void>): void {
    const {session} = candy
    this.#all.set(candy, {done: done.then(() => this.#remove(candy, session)), session})
    if (session === undefined) return
    const others = this.#bySession.get(session)
    if (others) others.add(candy)
    else this.#bySession.set(session, new Set([candy]))
  }

  /** Closes every connection of a session. */
  endSession(session: string): void {
    for (const candy of this.#bySession.get(session) ?? []) end(candy)
  }

  /** Closes every connection of a user. @returns the sessions they had */
  endUser(key: string): readonly string[] {
    const theirs = [...this.#all].filter(([{Auth}]) => Auth.known !== null && userKey(Auth.known) === key)
    for (const [candy] of theirs) end(candy)
    return theirs.flatMap(([, {session}]) => session ?? [])
  }

  /** The session's proof was renewed: its connections may stay as long. */
  renewSession(session: string, expires: number): void {
    for (const {Auth} of this.#bySession.get(session) ?? []) Auth.renew(expires)
  }

  #remove(candy: Candy, session: string | undefined): void {
    this.#all.delete(candy)
    if (session === undefined) return
    const others = this.#bySession.get(session)
    others?.delete(candy)
    if (others?.size === 0) this.#bySession.delete(session)
  }
}

function end({ws}: Candy): void {
  ws.close(closeCodes.unauthorized.code, closeCodes.unauthorized.reason)
}
