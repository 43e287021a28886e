import {randomFillSync} from 'node:crypto'

const idBytes = 16
const pool = Buffer.allocUnsafeSlow(idBytes * 256)
let used = pool.length

/** 128 random bits in base64url. Drawn by the pool: a system call per connection would be a tenth of its cost. */
export function randomId(): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  return pool.toString('base64url', used, (used += idBytes))
}
