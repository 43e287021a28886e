/** What bounds a peer while it is measured. A load is a flood on purpose, from one address, so the rates and crowds are raised; none is off. */
export const limits = [
  "Candy's limits are its defaults (64 KiB a message, 64 messages held, 10 s a handshake, 30 s a handler), but for the rates, which one client of a load exceeds: 10 million messages and 10 GB a second, and for how many may come, of one address, in a second and in all: a million; `rate-limit` is not in use",
  'open files: as many as the system lets a process have (10,000 connections need 10,100)',
]
