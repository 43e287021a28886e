import type {PageData} from '../describe/description.js'

/** How a connection ended. */
export interface Ending {
  readonly code: number
  readonly reason: string
  /** Whether it was ever open. */
  readonly opened: boolean
  /** Whether this page asked for it. */
  readonly byUs: boolean
}

export interface Explanation {
  readonly title: string
  readonly why: string
  /** Whether connecting again helps. */
  readonly advice: string
}

/** Codes of RFC 6455, section 7.4.1, and of its registry, that Candy itself does not use. */
const registered: Readonly<Record<number, string>> = {
  1001: 'One side is going away: a page that is left, or a server that stops.',
  1003: 'It was sent a kind of data that it does not take.',
  1005: 'It was closed without a code.',
  1006: 'The connection was lost: nobody said goodbye.',
  1010: 'The server does not speak an extension that was asked for.',
  1014: 'A gateway got no sound answer.',
  1015: 'TLS failed.',
}

const advice = {
  final: 'Connecting again would end the same way.',
  retry: 'Connecting again may succeed.',
}

/** What somebody at this page can do about it. */
const adviceOn: Readonly<Record<number, string>> = {
  4001: 'Once somebody is logged in, connecting again may succeed.',
  4002: 'With a fresh token, which the switch offers, connecting again may succeed.',
}

/** What a close code means, and what to do about it. */
export function explainClose(ending: Ending, known: PageData['closeCodes']): Explanation {
  const {code, reason, opened, byUs} = ending
  if (byUs && !opened) return {title: 'Cancelled', why: 'It was not open yet.', advice: ''}
  if (code === 1006 && !opened)
    return {
      title: 'Refused',
      why: 'The handshake was refused with an HTTP status, which browsers do not show: no such path, a foreign Origin, or the server is busy or away.',
      advice: '`CANDY_LOG=debug` logs why.',
    }
  const title = `Closed with ${code}${reason === '' ? '' : ` ${reason}`}`
  if (byUs) return {title, why: 'Asked for here.', advice: ''}
  const sameCode = known.filter(each => each.code === code)
  const match = sameCode.find(each => each.reason === reason) ?? sameCode[0]
  if (match) return {title, why: `Issued when ${match.when}.`, advice: adviceOn[code] ?? advice[match.policy]}
  if (code >= 4000)
    return {title, why: 'A code of this app’s own: a handler or a middleware gave it.', advice: ''}
  return {title, why: registered[code] ?? 'A code of no registered meaning.', advice: ''}
}
