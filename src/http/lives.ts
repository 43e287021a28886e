import type {Candy} from '../candy.js'
import {closeCodes} from '../codes.js'
import type {Revocations, Revoked} from '../identity/revocations.js'

interface Life {
  /** Resolves when nothing of the connection is left. */
  done: Promise<void>
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

  /** Begins a life, which is found by its session from its first moment on: its handler may log out at once. */
  add(candy: Candy, begin: () => Promise<void>): Promise<void> {
    const {session} = candy
    const life: Life = {session, done: Promise.resolve()}
    this.#all.set(candy, life)
    if (session !== undefined) {
      const others = this.#bySession.get(session)
      if (others) others.add(candy)
      else this.#bySession.set(session, new Set([candy]))
    }
    life.done = begin().then(() => this.#remove(candy, session))
    return life.done
  }

  /** Closes every connection of a session. */
  endSession(session: string): void {
    for (const candy of this.#bySession.get(session) ?? []) end(candy)
  }

  /** Closes every connection of a user. @returns the sessions they had */
  endUser(key: string): readonly string[] {
    const theirs = [...this.#all].filter(([{Auth}]) => Auth.key === key)
    for (const [candy] of theirs) end(candy)
    return theirs.flatMap(([, {session}]) => session ?? [])
  }

  /** One connection of each session that is of nobody as far as is known; another one of it may be of whom a middleware said. */
  *unknown(): Generator<Candy> {
    for (const connections of this.#bySession.values()) {
      const one = [...connections].find(({Auth}) => Auth.key === undefined)
      if (one) yield one
    }
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

/** Ends the connections of whoever was revoked; a user's sessions are revoked with them. */
export function endRevoked(revoked: Revoked, lives: Lives, revocations: Revocations): void {
  if ('session' in revoked) return lives.endSession(revoked.session)
  for (const session of lives.endUser(revoked.user)) revocations.revoke({session})
  for (const candy of lives.unknown()) void endRevokedSeal(candy, revocations)
}

/** Nobody has asked who is on this connection: the cookie that it came with knows. */
async function endRevokedSeal({session, visit}: Candy, revocations: Revocations): Promise<void> {
  if (session !== undefined && (await visit.hasRevokedSeal())) revocations.revoke({session})
}

function end({ws}: Candy): void {
  ws.close(closeCodes.unauthorized.code, closeCodes.unauthorized.reason)
}
