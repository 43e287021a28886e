/**
 * What bounds a peer while it is measured. No load here comes to a bound of Candy's own, so its defaults stand: none is
 * raised, and none is off.
 */
export const limits = [
  "Candy's limits are its defaults (64 KiB a message, 64 messages held, 10 s a handshake, 30 s a handler); `rate-limit` is not in use",
  'open files: as many as the system lets a process have (10,000 connections need 10,100)',
]
