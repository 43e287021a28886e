import type {Seal} from '#candy/identity/seal.js'
import {Seals} from '#candy/identity/seal.js'
import {Keys} from '#candy/identity/secret.js'

/** A sealed user as an app of this secret makes them, with a time of one's own; user 1 for a day unless told otherwise. */
export function sealFor(secret: string, session: string, seal: Partial<Seal> = {}): Promise<string> {
  const now = Date.now()
  return new Seals(new Keys(secret)).seal({
    user: {id: 1},
    session,
    since: now,
    expires: now + 24 * 60 * 60 * 1_000,
    ...seal,
  })
}
