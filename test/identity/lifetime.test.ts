import type {AuthFunction, AuthOption, CandyUser} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {CandyAuth} from '#candy/identity/auth.js'
import {Identities} from '#candy/identity/identities.js'
import {CandyRequest} from '#candy/handshake/request.js'
import {Revocations} from '#candy/identity/revocations.js'
import {Keys} from '#candy/identity/secret.js'
import {Sessions} from '#candy/identity/session.js'
import {IdentityLifetime} from '#candy/identity/lifetime.js'
import {Visit} from '#candy/identity/visit.js'
import {afterEach, beforeEach, describe, expect, it, onTestFinished, vi} from 'vitest'
import {accounts, endsSoon, unauthorized, whoIsOn} from '../support/accounts.js'
import {Browser} from '../support/browser.js'
import {sealFor} from '../support/seals.js'
import {serve} from '../support/serve.js'
import {signal} from '../support/serve-handlers.js'

const day = 24 * 60 * 60 * 1_000
const free = {token: false} as const

/** What of it only Candy's own code sees. */
type Inner = CandyAuth & {
  readonly known: CandyUser | null
  watch(watcher: {renew(): void; end(): void}): void
}

/** Who comes to an app with this `auth`. */
function authOf(auth: AuthOption): Inner {
  const keys = new Keys('a secret of the lifetime tests, more than 32 long')
  const revocations = new Revocations()
  const sessions = new Sessions(keys, revocations)
  const request = new CandyRequest({headers: {}, socket: {}}, {}, {}, () => false)
  const visit = new Visit(
    new Identities({keys, sessions, revocations, auth, revalidate: 'off'}),
    request,
    false,
  )
  return Reflect.construct(CandyAuth, [visit]) as Inner
}

/** An auth function that knows until when it holds, as `bearer()` does. */
function until(expires: () => number): AuthFunction {
  const user = {id: 1}
  return Object.assign(() => user, {identify: async () => ({user, expires: expires()})})
}

async function begun(option: AuthOption) {
  const auth = authOf(option)
  await auth.user()
  const [ended, disowned] = [vi.fn<() => void>(), vi.fn<() => void>()]
  const failed = vi.fn<(error: unknown) => void>()
  const lifetime = new IdentityLifetime({auth, end: ended, disowned, failed})
  auth.watch(lifetime)
  return {auth, lifetime, ended, disowned, failed}
}

describe('6. A connection holds as long as the identity it came with', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it.each([1, day, 30 * day, 100 * day])('row 50: ends it %i ms later, and not before', async time => {
    const at = Date.now() + time
    const {ended} = await begun(until(() => at))
    await vi.advanceTimersByTimeAsync(time - 1)
    expect(ended).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(ended).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([0, -1, -10 * day])('ends it at once where that was %i ms ago', async time => {
    const at = Date.now() + time
    const {ended} = await begun(until(() => at))
    await vi.advanceTimersByTimeAsync(0)
    expect(ended).toHaveBeenCalledOnce()
  })

  it('row 50: does not end it early where the clock was set back', async () => {
    const at = Date.now() + day
    const {ended} = await begun(until(() => at))
    vi.setSystemTime(Date.now() - 60_000)
    await vi.advanceTimersByTimeAsync(day)
    expect(ended).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(ended).toHaveBeenCalledOnce()
  })

  it('never ends where it has no end', async () => {
    const {ended, lifetime} = await begun(() => ({id: 1}))
    lifetime.renew()
    await vi.advanceTimersByTimeAsync(400 * day)
    expect(ended).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('asks again within every `revalidate`, and ends it for nobody and for somebody else', async () => {
    for (const then of [null, undefined, {id: 2}, {id: '2'}]) {
      let [asked, user] = [0, {id: 1} as CandyUser | null | undefined]
      const {auth, ended} = await begun({user: () => ((asked += 1), user), revalidate: 1_000})
      for (let time = 2; time <= 4; time += 1) {
        await vi.advanceTimersByTimeAsync(1_000)
        expect(asked).toBeGreaterThanOrEqual(time)
        expect(asked).toBeLessThanOrEqual(6)
      }
      expect(ended).not.toHaveBeenCalled()
      user = then
      await vi.advanceTimersByTimeAsync(1_000)
      expect(ended).toHaveBeenCalledOnce()
      // What `close` listeners will see is who it was.
      expect(auth.known).toEqual({id: 1})
      expect(vi.getTimerCount()).toBe(0)
    }
  })

  it('knows what is new of the same user: 7 and "7" are one', async () => {
    let user: CandyUser = {id: 7, role: 'guest'} as CandyUser
    const {auth, ended} = await begun({user: () => user, revalidate: 1_000})
    user = {id: '7', role: 'admin'} as CandyUser
    await vi.advanceTimersByTimeAsync(1_000)
    expect(ended).not.toHaveBeenCalled()
    expect(auth.known).toEqual({id: '7', role: 'admin'})
    expect(await auth.user()).toEqual({id: '7', role: 'admin'})
  })

  it('goes on where asking fails, says so once each time, and asks again', async () => {
    let asked = 0
    let [answer, failing] = [{id: 1} as CandyUser | null, false]
    const user = () => {
      asked += 1
      if (failing) throw new Error('no database')
      return answer
    }
    const {ended, failed} = await begun({user, revalidate: 1_000})
    failing = true
    await vi.advanceTimersByTimeAsync(5_000)
    expect(ended).not.toHaveBeenCalled()
    expect(asked).toBeGreaterThanOrEqual(5)
    expect(failed).toHaveBeenCalledTimes(asked - 1)
    failing = false
    answer = null
    await vi.advanceTimersByTimeAsync(1_000)
    expect(ended).toHaveBeenCalledOnce()
  })

  it('asks again also where the answer before never came', async () => {
    let asked = 0
    const user = () => {
      asked += 1
      if (asked === 1) return {id: 1}
      return asked === 2 ? new Promise<null>(() => undefined) : null
    }
    const {ended} = await begun({user, revalidate: 1_000})
    await vi.advanceTimersByTimeAsync(2_000)
    expect(asked).toBe(3)
    expect(ended).toHaveBeenCalledOnce()
  })

  it('keeps no timer once the connection has ended, also while it asks', async () => {
    const answer = signal<CandyUser>()
    let asked = 0
    const user = () => (asked++ === 0 ? {id: 1} : answer.fired)
    const {lifetime, ended, failed} = await begun({user, revalidate: 1_000})
    await vi.advanceTimersByTimeAsync(1_000)
    expect(asked).toBe(2)
    lifetime.stop()
    expect(vi.getTimerCount()).toBe(0)
    answer.fire({id: 2})
    await vi.advanceTimersByTimeAsync(10_000)
    lifetime.renew()
    expect(vi.getTimerCount()).toBe(0)
    expect(ended).not.toHaveBeenCalled()
    expect(failed).not.toHaveBeenCalled()
  })

  it('counts the latest question, also where an earlier one is answered after it', async () => {
    const answers: ((user: CandyUser | null) => void)[] = []
    let first = true
    const user = () => {
      if (!first) return new Promise<CandyUser | null>(resolve => answers.push(resolve))
      first = false
      return {id: 1, admin: true}
    }
    const {auth, ended} = await begun({user, revalidate: 1_000})
    await vi.advanceTimersByTimeAsync(2_000)
    const [slow, quick] = answers
    quick!({id: 1, admin: false} as CandyUser)
    await vi.advanceTimersByTimeAsync(0)
    slow!({id: 1, admin: true} as CandyUser)
    await vi.advanceTimersByTimeAsync(0)
    expect(auth.known).toEqual({id: 1, admin: false})

    await vi.advanceTimersByTimeAsync(2_000)
    const [late, latest] = answers.slice(-2)
    latest!({id: 1})
    await vi.advanceTimersByTimeAsync(0)
    late!(null)
    await vi.advanceTimersByTimeAsync(0)
    expect(ended).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1_000)
    answers.at(-1)!(null)
    await vi.advanceTimersByTimeAsync(0)
    expect(ended).toHaveBeenCalledOnce()
  })

  it('does not ask about a user who was said, before or while it asks', async () => {
    const at = Date.now() + day
    const {auth, ended} = await begun({user: until(() => at), revalidate: 1_000})
    auth.setUser({id: 2})
    expect(vi.getTimerCount()).toBe(0)

    const answer = signal<null>()
    let asked = 0
    const other = await begun({user: () => (asked++ === 0 ? {id: 1} : answer.fired), revalidate: 1_000})
    await vi.advanceTimersByTimeAsync(1_000)
    other.auth.setUser({id: 2})
    answer.fire(null)
    await vi.advanceTimersByTimeAsync(2 * day)
    expect(asked).toBe(2)
    expect(other.auth.known).toEqual({id: 2})
    expect(ended).not.toHaveBeenCalled()
    expect(other.ended).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('6. A connection ends with 4001 when its identity does', () => {
  const secret = 'the secret of sites where seals end, of 32 and more'

  /** A browser whose user holds for some time, and a token of it: `/_candy/token` itself would renew the user. */
  async function during(url: string, time: number) {
    const a = new Browser(url)
    const token = await a.token()
    a.plant('candy_user', await sealFor(secret, a.session!, {expires: Date.now() + time}))
    return {a, token}
  }

  it('row 50: at the end of the sealed user, and not before', async () => {
    const {url} = await serve({secret, routes: [accounts]})
    const expires = Date.now() + 1_000
    const {a, token} = await during(url, 1_000)
    const live = await a.connect('/live', {token})
    expect(await whoIsOn(live)).toEqual({id: 1})
    expect(await live.closed).toEqual(unauthorized)
    expect(Date.now()).toBeGreaterThanOrEqual(expires)
    expect(await (await a.connect('/live', {token})).closed).toEqual(unauthorized)
  })

  it('also where the user was asked for later, on a route that needs none', async () => {
    const {url} = await serve({secret, routes: [accounts]})
    const {a, token} = await during(url, 1_000)
    const live = await a.connect('/open', {token})
    live.send('ask')
    expect(await live.next()).toEqual({user: {id: 1}})
    expect(await live.closed).toEqual(unauthorized)
  })

  it('not where nobody asked, for then it came with none', async () => {
    const {url} = await serve({secret, routes: [accounts]})
    const {a, token} = await during(url, 700)
    const [live, known] = [await a.connect('/open', {token}), await a.connect('/live', {token})]
    await known.closed
    expect(await whoIsOn(live)).toBeNull()
  })

  it('later where the page of another tab had it renewed', async () => {
    const {url} = await serve({secret, routes: [accounts]})
    const [one, two] = [await during(url, 1_000), await during(url, 1_300)]
    const live = await one.a.connect('/live', {token: one.token})
    const otherSession = await two.a.connect('/live', {token: two.token})
    expect((await one.a.get('/me')).setCookies).toHaveLength(2)
    await otherSession.closed
    expect(await whoIsOn(live)).toEqual({id: 1})
  })

  it('keeps the process no longer than its connections: a user who is known too late is not watched', async () => {
    const [asked, answer] = [signal(), signal<CandyUser>()]
    const auth = Object.assign(() => answer.fired, {
      identify: async () => {
        asked.fire()
        return {user: await answer.fired, expires: Date.now() + day}
      },
    })
    const settled = signal()
    const {app} = await serve({auth}, ({Route}) =>
      Route.ws(
        '/x',
        async Candy => {
          await Candy.Auth.user()
          settled.fire()
        },
        free,
      ),
    )
    const a = await connect(app, '/x', free)
    await asked.fired
    await a.terminate()
    await expect.poll(() => app.Route.wsServer.clientCount).toBe(0)
    const timers = vi.spyOn(globalThis, 'setTimeout')
    onTestFinished(() => timers.mockRestore())
    answer.fire({id: 1})
    await settled.fired
    expect(timers.mock.calls.filter(([, ms]) => ms! > day / 2)).toEqual([])
  })
})

describe('6. auth: {user, revalidate}', () => {
  const revalidate = 100

  /** A site whose one user the test changes. */
  async function changing() {
    const state = {user: {id: 7, role: 'guest'} as CandyUser | null, failing: false, asked: 0}
    const user = () => {
      state.asked += 1
      if (state.failing) throw new Error('no database')
      return state.user
    }
    const served = await serve({auth: {user, revalidate}, routes: [accounts]})
    return {...served, state, live: await new Browser(served.url).connect('/live')}
  }

  it.each([
    ['gone', null],
    ['somebody else', {id: 8}],
  ])('closes with 4001 once the user is %s', async (_, then) => {
    const {state, live} = await changing()
    expect(await whoIsOn(live)).toEqual({id: 7, role: 'guest'})
    state.user = then
    await endsSoon(live)
  })

  it('keeps Candy.ws.user fresh', async () => {
    const {state, live} = await changing()
    state.user = {id: 7, role: 'admin'} as CandyUser
    await expect.poll(() => whoIsOn(live)).toEqual({id: 7, role: 'admin'})
    live.send('ask')
    expect(await live.next()).toEqual({user: {id: 7, role: 'admin'}})
  })

  it('keeps the connection where asking throws: one line each time', async () => {
    const {state, live, log} = await changing()
    state.failing = true
    const before = state.asked
    await expect.poll(() => state.asked).toBeGreaterThan(before + 2)
    expect(await whoIsOn(live)).toEqual({id: 7, role: 'guest'})
    const failures = log.errors().filter(line => line.message === 'asking for the user again threw')
    expect(failures.length).toBe(state.asked - before)
    expect(failures[0]).toMatchObject({route: '/live', error: 'Error: no database'})
    state.failing = false
    state.user = null
    await endsSoon(live)
  })

  it.each([0, -1, 1.5, Number.NaN, 2 ** 31, '100', null])('takes no %s for it', async wrong => {
    await expect(serve({auth: {user: () => null, revalidate: wrong as number}})).rejects.toThrow(
      /'auth' of createApp.*\n.*revalidate: milliseconds/,
    )
  })
})
