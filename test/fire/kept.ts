/** Streams that were once a fault, or stand for a kind of them: what they are, and their bytes after the handshake. */
export const keptStreams: readonly (readonly [what: string, hex: string])[] = [
  ['a whole message before a frame that breaks the protocol', '818100000000618381000000006d'],
  ['a close in the middle of a message', '0181000000006188820000000003e880810000000062'],
  ['half a head, for ever', '81'],
  ['half a frame, for ever', '81850000000061'],
  ['half a message, for ever', '01810000000061'],
]
