import type {RedisNames} from './redis-names.js'
import type {RedisSession} from './redis-session.js'

/**
 * ARGV: owner, milliseconds of life, and whether it may begin to live. One whose time has ended is dead for ever: others may be about
 * to clear up after it.
 */
const renew = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ends = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or 0)
local lives = ends > now or (ends == 0 and ARGV[3] == 'new')
if lives then redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1]) end
local first = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
local reply = {lives and 1 or 0, first[2] and first[2] - now or -1}
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 100)) do
  reply[#reply + 1] = dead
end
return reply`

const living = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf')`

export interface Renewal {
  /** Its own time had not ended. */
  readonly lives: boolean
  /** Milliseconds until the first of all may be dead; `undefined`: there is none. */
  readonly firstEnd: number | undefined
  readonly dead: readonly string[]
}

/** @param begins a new owner, which is not known yet */
export async function renewOwner(
  session: RedisSession,
  names: RedisNames,
  owner: string,
  life: number,
  begins: boolean,
): Promise<Renewal> {
  const begin = begins ? 'new' : 'old'
  const script = ['EVAL', renew, '1', names.owners, owner, String(life), begin]
  const reply = await session.send(names.owners, script)
  const [lives, first, ...dead] = reply as unknown[]
  return {
    lives: Number(lives) === 1,
    firstEnd: Number(first) < 0 ? undefined : Number(first),
    dead: dead.map(String),
  }
}

export async function livingOwners(session: RedisSession, names: RedisNames): Promise<Set<string>> {
  const reply = await session.send(names.owners, ['EVAL', living, '1', names.owners])
  return new Set((reply as unknown[]).map(String))
}

/** The same reply from every library, with RESP2 and RESP3: names and values in turn. */
export async function hashOf(session: RedisSession, key: string): Promise<Map<string, string>> {
  const reply = (await session.send(key, [
    'EVAL',
    "return redis.call('HGETALL', KEYS[1])",
    '1',
    key,
  ])) as unknown[]
  const all = new Map<string, string>()
  for (let at = 0; at < reply.length; at += 2) all.set(String(reply[at]), String(reply[at + 1]))
  return all
}

/**
 * Tells who watches a dead owner's groups that it is gone, and clears up. May be done by several, and again: the owner goes last, so
 * whoever has begun and died has left it to be found.
 */
export async function clearOwner(session: RedisSession, names: RedisNames, owner: string): Promise<void> {
  const mine = await session.send(names.clearing(owner), [
    'SET',
    names.clearing(owner),
    '1',
    'PX',
    '2000',
    'NX',
  ])
  if (mine === null) return
  const groups =
    ((await session.send(names.groups(owner), ['SMEMBERS', names.groups(owner)])) as unknown[]) ?? []
  // First of all: leases() leaves them out already.
  await Promise.all([...groups].map(group => session.publish(names.watch(String(group)), 'null')))
  for (const group of groups) await clearGroup(session, names.leases(String(group)), owner)
  await session.send(names.groups(owner), ['DEL', names.groups(owner)])
  await session.send(names.owners, ['ZREM', names.owners, owner])
}

async function clearGroup(session: RedisSession, key: string, owner: string): Promise<void> {
  for (let cursor = ''; cursor !== '0';) {
    // Owners' names have nothing of a pattern.
    const scan = ['HSCAN', key, cursor || '0', 'MATCH', `${owner}:*`, 'COUNT', '1000']
    const [next, cells] = (await session.send(key, scan)) as [unknown, readonly unknown[]]
    const fields = cells.filter((_, at) => at % 2 === 0).map(String)
    if (fields.length > 0) await session.send(key, ['HDEL', key, ...fields])
    cursor = String(next)
  }
}
