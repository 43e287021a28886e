import type {Denial} from '../rooms/bus.js'
import type {RedisNames} from './redis-names.js'
import type {RedisSession} from './redis-session.js'

/** Milliseconds for which a denial is kept after its end: nodes' clocks differ, and the server has one of its own. */
const kept = 60_000

const remember = `
local ends = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not ends or tonumber(ends) < tonumber(ARGV[2]) then redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1]) end
local time = redis.call('TIME')
return redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', time[1] * 1000 - ${kept})`

/** Who is denied, kept in Redis until it ends, and told to the nodes that are connected. */
export class RedisDenials {
  readonly #names: RedisNames
  readonly #tell: (denials: readonly Denial[]) => void

  constructor(names: RedisNames, tell: (denials: readonly Denial[]) => void) {
    this.#names = names
    this.#tell = tell
  }

  async deny(session: RedisSession, {what, until}: Denial): Promise<void> {
    const {denials, denied} = this.#names
    await Promise.all([
      session.send(denials, ['EVAL', remember, '1', denials, what, String(until)]),
      session.publish(denied, JSON.stringify([what, until])),
    ])
  }

  hear(message: Buffer): void {
    try {
      const [what, until] = JSON.parse(message.toString()) as unknown[]
      if (typeof what === 'string' && typeof until === 'number') this.#tell([{what, until}])
    } catch {
      // Not from us.
    }
  }

  /** Tells all there are. @param step bounds the time of one question */
  async restore(
    session: RedisSession,
    step: (command: () => Promise<unknown>) => Promise<unknown>,
  ): Promise<void> {
    const {denials} = this.#names
    for (let cursor = ''; cursor !== '0';) {
      const from = cursor || '0'
      const reply = await step(() => session.send(denials, ['ZSCAN', denials, from, 'COUNT', '1000']))
      const [next, cells] = reply as [unknown, readonly unknown[]]
      this.#tell(pairs(cells).filter(({until}) => until > Date.now()))
      cursor = String(next)
    }
  }
}

function pairs(cells: readonly unknown[]): Denial[] {
  const all: Denial[] = []
  for (let at = 0; at < cells.length; at += 2)
    all.push({what: String(cells[at]), until: Number(cells[at + 1])})
  return all
}
