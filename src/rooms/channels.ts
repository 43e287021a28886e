import {createHash} from 'node:crypto'
import type {Target} from './target.js'

// The names that a bus sees. No room can be a pattern, a subject of several tokens, or another app's key: each is its
// UTF-8 bytes in base64url behind a letter, so two names differ there where they differ here.

/** Every connection. */
export const everyone = 'a'

export function channelOfRoom(room: string): string {
  return named('r', room)
}

/** @param key the user's key, of any length */
export function channelOfUser(key: string): string {
  return named('u', key)
}

/** Bytes. A room's name is no longer (contract, section 3); a user's key may be, and is hashed. */
const longest = 128

function named(letter: string, name: string): string {
  const bytes = Buffer.from(name)
  if (bytes.length <= longest) return letter + bytes.toString('base64url')
  return letter.toUpperCase() + createHash('sha256').update(bytes).digest('base64url')
}

/** The channels that a message goes out on: those of whom it is for, and nobody else is woken. */
export function channelsOf(to: Target): readonly string[] {
  if ('rooms' in to) return [...new Set(to.rooms)].map(channelOfRoom)
  return ['user' in to ? channelOfUser(to.user) : everyone]
}
