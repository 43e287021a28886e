import {parseCookie} from 'cookie'
import {Revocations, type Revoked} from '#candy/identity/revocations.js'
import {sealLifetime} from '#candy/identity/seal.js'
import {describe, expect, it} from 'vitest'

const minute = 60_000
const lifetime = sealLifetime + minute

/** Revocations with a clock that the test turns. */
function withClock() {
  const clock = {now: 1_700_000_000_000}
  return {clock, revocations: new Revocations(() => clock.now)}
}

describe('6. What was revoked', () => {
  it('is remembered until its seals would have expired, and no longer', () => {
    expect(sealLifetime).toBe(7 * 24 * 60 * minute)
    const {clock, revocations} = withClock()
    const issued = clock.now
    revocations.revoke({session: 's'})
    revocations.revoke({user: '7'})
    clock.now += lifetime - 1
    expect(revocations.hasSession('s')).toBe(true)
    expect(revocations.hasUser('7', issued)).toBe(true)
    clock.now += 1
    expect(revocations.hasSession('s')).toBe(false)
    expect(revocations.hasUser('7', issued)).toBe(false)
  })

  it('is refused to what was issued before, in the same millisecond too; what is issued after holds', () => {
    const {clock, revocations} = withClock()
    for (let time = 0; time < 100; time += 1) {
      const before = revocations.issueTime('7')
      expect(revocations.hasUser('7', before)).toBe(false)
      revocations.revoke({user: '7'})
      expect(revocations.hasUser('7', before)).toBe(true)
      expect(revocations.hasUser('7', clock.now)).toBe(true)
      expect(revocations.hasUser('7', revocations.issueTime('7'))).toBe(false)
    }
    expect(revocations.hasUser('8', clock.now)).toBe(false)
    expect(revocations.hasSession('7')).toBe(false)
  })

  it('is told from what is found out after, by order and not by time', () => {
    const {revocations} = withClock()
    const first = revocations.mark
    revocations.revoke({user: '7'})
    const second = revocations.mark
    expect(revocations.hasUserAfter('7', first)).toBe(true)
    expect(revocations.hasUserAfter('7', second)).toBe(false)
    revocations.revoke({user: '8'})
    expect(revocations.hasUserAfter('7', second)).toBe(false)
    expect(revocations.hasUserAfter('8', second)).toBe(true)
    revocations.revoke({user: '7'})
    expect(revocations.hasUserAfter('7', second)).toBe(true)
  })

  it('is remembered anew when it is revoked again', () => {
    const {clock, revocations} = withClock()
    revocations.revoke({session: 's'})
    clock.now += lifetime - 1
    revocations.revoke({session: 's'})
    clock.now += lifetime - 1
    expect(revocations.hasSession('s')).toBe(true)
  })

  it('is told to whoever ends the sockets, each time', () => {
    const {revocations} = withClock()
    const told: Revoked[] = []
    revocations.onRevoke = revoked => told.push(revoked)
    revocations.revoke({session: 's'})
    revocations.revoke({user: '7'})
    expect(told).toEqual([{session: 's'}, {user: '7'}])
  })
})

describe('6. What was revoked, and memory', () => {
  /** Steps over entries of any map while something runs, which is all that forgetting costs. */
  function stepsOf(run: () => void): number {
    const iterator = Object.getPrototypeOf(new Map().entries()) as {next: () => unknown}
    const {next} = iterator
    let steps = 0
    iterator.next = function (this: unknown) {
      steps += 1
      return Reflect.apply(next, this, [])
    }
    try {
      run()
      return steps
    } finally {
      iterator.next = next
    }
  }

  it('costs a look at the oldest now and then, however much there is', () => {
    const {clock, revocations} = withClock()
    const revokeMany = () => {
      for (let count = 0; count < 10_000; count += 1) {
        clock.now += 1
        revocations.revoke({session: `s${count}`})
        revocations.revoke({user: String(count)})
      }
    }
    expect(stepsOf(revokeMany)).toBeLessThan(100)
    clock.now += lifetime
    // All sessions are too old now: each is looked at once more, and never again.
    expect(stepsOf(() => revocations.revoke({session: 'new'}))).toBe(10_001)
    clock.now += lifetime / 1_000
    expect(stepsOf(() => revocations.revoke({session: 'newer'}))).toBe(1)
  })

  it('holds no more than one lifetime of it', () => {
    const {clock, revocations} = withClock()
    const rounds = 20
    const perRound = 10_000
    const fill = () => {
      for (let count = 0; count < perRound; count += 1) {
        clock.now += lifetime / perRound
        revocations.revoke({session: `${clock.now}-a-session-of-usual-length`})
      }
    }
    fill()
    gc!()
    const before = process.memoryUsage().heapUsed
    for (let round = 0; round < rounds; round += 1) fill()
    gc!()
    // Kept, they would be some 150 bytes each: 30 MB.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(5_000_000)
  })
})

describe('6. A session that is remembered', () => {
  it('is all that is kept of the request that ended it', () => {
    const {revocations} = withClock()
    const count = 1_000
    const session = (number: number) => String(number).padStart(22, 'A')
    gc!()
    const before = process.memoryUsage().heapUsed
    for (let number = 0; number < count; number += 1) {
      const cookie = Buffer.from(`${'-'.repeat(16_000)}=1; candy_session=${session(number)}`).toString()
      revocations.revoke({session: parseCookie(cookie)['candy_session']!})
    }
    gc!()
    // Kept, the headers would be 16 MB.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(2_000_000)
    expect(revocations.hasSession(session(7))).toBe(true)
    expect(revocations.hasSession(session(count))).toBe(false)
  })
})
