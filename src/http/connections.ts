import type {Candy} from '../candy.js'
import {closeCodes} from '../codes.js'
import {Counts} from '../counts.js'
import type {Revocations, Revoked} from '../identity/revocations.js'

/**
 * Every open connection, and every closed one whose cleanup is still running. Indexed by session, so that a logout does
 * not have to look at all of them.
 */
export class Connections {
  /** With the session each came with: a logout takes it from the context, but the index must still find it. */
  readonly #all = new Map<Candy, string | undefined>()
  /** The user each was let in with, where that was known: it may become another's, but is counted for the first. */
  readonly #users = new Map<Candy, string>()
  readonly #byUser = new Counts<string>()
  readonly #bySession = new Map<string, Set<Candy>>()
  readonly #waiting: (() => void)[] = []

  get size(): number {
    return this.#all.size
  }

  keys(): IterableIterator<Candy> {
    return this.#all.keys()
  }

  /** Resolves when there is none. */
  gone(): Promise<void> {
    return new Promise(resolve => {
      if (this.#all.size === 0) resolve()
      else this.#waiting.push(resolve)
    })
  }

  /** Adds a connection. Before its handler runs: that may log out at once, and the logout must find it. */
  add(candy: Candy): void {
    const {session} = candy
    this.#all.set(candy, session)
    this.#count(candy)
    if (session === undefined) return
    const others = this.#bySession.get(session)
    if (others) others.add(candy)
    else this.#bySession.set(session, new Set([candy]))
  }

  /** The socket of a connection has ended, and no longer counts for its user. */
  readonly left = (candy: Candy): void => {
    const key = this.#users.get(candy)
    if (key === undefined) return
    this.#users.delete(candy)
    this.#byUser.remove(key)
  }

  /** Nothing is left of a connection. */
  readonly remove = (candy: Candy): void => {
    const session = this.#all.get(candy)
    this.#all.delete(candy)
    this.left(candy)
    if (session !== undefined) this.#leave(candy, session)
    if (this.#all.size === 0) for (const tell of this.#waiting.splice(0)) tell()
  }

  /** How many a user has. */
  countOf(user: string): number {
    return this.#byUser.of(user)
  }

  /** Closes every connection of a session. */
  endSession(session: string): void {
    for (const candy of this.#bySession.get(session) ?? []) end(candy)
  }

  /**
   * Closes the connections of a user.
   *
   * @param isRevoked whether a login of then is revoked; another node may tell late, and the user have logged in anew
   * @returns the sessions they had
   */
  endUser(key: string, isRevoked: (since: number) => boolean): readonly string[] {
    const theirs = [...this.#all].filter(
      ([{Auth}]) => Auth.key === key && isRevoked(Auth.identity?.since ?? 0),
    )
    for (const [candy] of theirs) end(candy)
    return theirs.flatMap(([, session]) => session ?? [])
  }

  /** One connection without a known user for each session that has one; its cookie may still seal a user. */
  *unknown(): Generator<Candy> {
    for (const connections of this.#bySession.values()) {
      const one = [...connections].find(({Auth}) => Auth.key === undefined)
      if (one) yield one
    }
  }

  /** The session's sealed user was renewed: its connections may stay open until the new expiry. */
  renewSession(session: string, expires: number): void {
    for (const {Auth} of this.#bySession.get(session) ?? []) Auth.renew(expires)
  }

  #count(candy: Candy): void {
    const {key} = candy.Auth
    if (key === undefined) return
    this.#users.set(candy, key)
    this.#byUser.add(key)
  }

  #leave(candy: Candy, session: string): void {
    const others = this.#bySession.get(session)
    others?.delete(candy)
    if (others?.size === 0) this.#bySession.delete(session)
  }
}

/** Ends the connections of whoever was revoked; a user's sessions are revoked with them. */
export function endRevoked(revoked: Revoked, connections: Connections, revocations: Revocations): void {
  if ('session' in revoked) return connections.endSession(revoked.session)
  const isRevoked = (since: number) => revocations.hasUser(revoked.user, since)
  for (const session of connections.endUser(revoked.user, isRevoked)) revocations.revoke({session})
  // Nobody has asked who is on these: the cookie that each came with may name the one who was revoked.
  for (const {visit} of connections.unknown()) void visit.endIfUserRevoked()
}

function end({ws}: Candy): void {
  ws.close(closeCodes.unauthorized.code, closeCodes.unauthorized.reason)
}
