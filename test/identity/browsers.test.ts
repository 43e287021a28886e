import {describe, expect, it} from 'vitest'
import {accounts, endsSoon, logIn, unauthorized, whoIs, whoIsOn} from '../support/accounts.js'
import {Browser} from '../support/browser.js'
import {heldBy, nothing, serve} from '../support/serve.js'

const ada = {id: 1, name: 'Ada'}
const bob = {id: 2, name: 'Bob'}

async function site() {
  const served = await serve({routes: [accounts]})
  return {...served, a: new Browser(served.url), b: new Browser(served.url)}
}

describe('6. Identity, two browsers: login', () => {
  it('makes a user of this browser, on pages and on sockets, and of no other', async () => {
    const {a, b, log} = await site()
    expect(await whoIs(a)).toBeNull()
    expect((await a.get('/private')).status).toBe(401)
    expect(await (await a.connect('/live')).closed).toEqual(unauthorized)

    await logIn(a, ada)
    expect(await whoIs(a)).toEqual(ada)
    expect((await a.get('/private')).status).toBe(200)
    expect(await whoIsOn(await a.connect('/live'))).toEqual(ada)

    expect(await whoIs(b)).toBeNull()
    expect((await b.get('/private')).status).toBe(401)
    expect(await (await b.connect('/live')).closed).toEqual(unauthorized)
    expect(log.errors()).toEqual([])
  })

  it('works by a form too, whose field is the token', async () => {
    const {a} = await site()
    expect((await a.post('/login', {id: 'ada'}, {form: true})).status).toBe(200)
    expect(await whoIs(a)).toEqual({id: 'ada'})
  })

  it('needs a token: another site cannot log a browser in', async () => {
    const {a} = await site()
    await a.token()
    expect((await a.post('/login', ada, {token: false})).status).toBe(403)
    expect((await a.post('/login', ada, {token: 'x'.repeat(72)})).status).toBe(403)
    expect(await whoIs(a)).toBeNull()
  })

  it('takes a new session, and gives a token of it', async () => {
    const {a} = await site()
    await a.token()
    const before = a.session
    const {token} = (await a.post('/login', ada)).json() as {token: string}
    expect(a.session).toMatch(/^[\w-]{22}$/)
    expect(a.session).not.toBe(before)
    expect(await whoIsOn(await a.connect('/live', {token}))).toEqual(ada)
  })

  it('row 51: ends the session of before: its token and its sockets die with it', async () => {
    const {a} = await site()
    const token = await a.token()
    const before = a.copy()
    const [one, two] = [await a.connect('/open', {token}), await a.connect('/open', {token})]
    expect(await whoIsOn(one)).toBeNull()
    const ends = Promise.all([endsSoon(one), endsSoon(two)])
    await logIn(a, ada)
    await ends
    const invalid = {code: 4002, reason: 'Invalid token'}
    expect(await (await a.connect('/open', {token})).closed).toEqual(invalid)
    expect(await (await before.connect('/open', {token})).closed).toEqual(invalid)
    expect((await a.post('/logout', {}, {token})).status).toBe(403)
  })

  it('lets user A and user B use one browser one after the other, without a logout between them', async () => {
    const {a} = await site()
    await logIn(a, ada)
    const adas = await a.connect('/live')
    expect(await whoIsOn(adas)).toEqual(ada)
    const adasCookies = a.copy()
    const ends = endsSoon(adas)
    await logIn(a, bob)
    await ends
    expect(await whoIs(a)).toEqual(bob)
    expect(await whoIsOn(await a.connect('/live'))).toEqual(bob)
    expect(await whoIs(adasCookies)).toBeNull()
  })

  it('gives nothing to whoever planted the session cookie before', async () => {
    const {a: victim, b: attacker} = await site()
    const token = await attacker.token()
    const waiting = await attacker.connect('/open', {token})
    expect(await whoIsOn(waiting)).toBeNull()
    victim.plant('candy_session', attacker.session!)
    const ends = endsSoon(waiting)
    await logIn(victim, ada)
    await ends

    expect(victim.session).not.toBe(attacker.session)
    expect(await whoIs(attacker)).toBeNull()
    expect((await attacker.get('/private')).status).toBe(401)
    expect(await (await attacker.connect('/live')).closed).toEqual(unauthorized)
    attacker.plant('candy_user', victim.seal!)
    expect(await whoIs(attacker)).toBeNull()
  })

  it('of a hundred users at once leaves the browser logged in as one of them', async () => {
    const {a, app, log} = await site()
    const token = await a.token()
    const waiting = await a.connect('/open', {token})
    const before = a.copy()
    const ends = endsSoon(waiting)
    const answers = await Promise.all(
      Array.from({length: 100}, (_, id) => before.copy().post('/login', {id}, {token})),
    )
    await ends
    // Those that came before the first of them ended the session; to the others the token was void.
    const [well, late] = [
      answers.filter(one => one.status === 200),
      answers.filter(one => one.status === 403),
    ]
    expect(well.length).toBeGreaterThan(0)
    expect(well.length + late.length).toBe(100)
    const sessions = well.flatMap(one => one.setCookies.filter(line => line.startsWith('candy_session=')))
    expect(new Set(sessions).size).toBe(well.length)
    await logIn(a, bob)
    expect(await whoIs(a)).toEqual(bob)
    expect(log.errors()).toEqual([])
    await expect.poll(() => heldBy(app)).toEqual(nothing)
  })
})

describe('6. Identity, two browsers: logout', () => {
  it('ends this browser, and leaves the same user elsewhere alone', async () => {
    const {a, b} = await site()
    await logIn(a, ada)
    await logIn(b, ada)
    const [here, there] = [await a.connect('/live'), await b.connect('/live')]
    expect([await whoIsOn(here), await whoIsOn(there)]).toEqual([ada, ada])
    const ends = endsSoon(here)
    expect((await a.post('/logout')).status).toBe(204)
    await ends

    expect(await whoIs(a)).toBeNull()
    expect((await a.get('/private')).status).toBe(401)
    expect(await whoIs(b)).toEqual(ada)
    expect(await whoIsOn(there)).toEqual(ada)
    expect(await whoIsOn(await b.connect('/live'))).toEqual(ada)
  })

  it('takes a new session and the user away', async () => {
    const {a} = await site()
    await logIn(a, ada)
    const before = a.session
    await a.post('/logout')
    expect(a.session).toMatch(/^[\w-]{22}$/)
    expect(a.session).not.toBe(before)
    expect(a.seal).toBeUndefined()
  })

  it('closes the sockets of every tab within a second, also those whose user was never asked for', async () => {
    const {a, b} = await site()
    await logIn(a, ada)
    const token = await a.token()
    const tabs = await Promise.all(['/live', '/live', '/open', '/open'].map(path => a.connect(path, {token})))
    const other = await b.connect('/open')
    for (const tab of tabs) await whoIsOn(tab)
    const ends = Promise.all(tabs.map(endsSoon))
    await a.post('/logout')
    await ends
    expect(await whoIsOn(other)).toBeNull()
  })

  it('refuses cookies that were copied before, with 401 and 4001', async () => {
    const {a} = await site()
    await logIn(a, ada)
    const thief = a.copy()
    expect(await whoIs(thief)).toEqual(ada)
    await a.post('/logout')

    const stolen = thief.copy()
    expect(await whoIs(thief)).toBeNull()
    expect((await thief.get('/private')).status).toBe(401)
    expect(await (await stolen.connect('/live', {token: false})).closed).toEqual(unauthorized)
    // `/_candy/token` gives the thief a session, and no user.
    const token = await thief.token()
    expect(thief.session).not.toBe(stolen.session)
    expect(await (await thief.connect('/live', {token})).closed).toEqual(unauthorized)
    // Nor does either half of the pair with what the browser has now.
    thief.plant('candy_session', a.session!)
    expect(await whoIs(thief)).toBeNull()
  })

  it('ends its token, beside the new cookies and beside those that were copied before', async () => {
    const {a} = await site()
    await logIn(a, ada)
    const token = await a.token()
    const thief = a.copy()
    expect((await a.post('/logout', {}, {token})).status).toBe(204)
    const invalid = {code: 4002, reason: 'Invalid token'}
    for (const browser of [a, thief]) {
      expect(await (await browser.connect('/open', {token})).closed).toEqual(invalid)
      expect((await browser.post('/login', bob, {token})).status).toBe(403)
      expect(await whoIs(browser)).toBeNull()
    }
  })

  it('on a live socket closes it, and what else the browser has', async () => {
    const {a, b} = await site()
    await logIn(a, ada)
    await logIn(b, ada)
    const [one, two, other] = [await a.connect('/live'), await a.connect('/live'), await b.connect('/live')]
    const ends = Promise.all([endsSoon(one), endsSoon(two)])
    one.send('logout')
    await ends
    expect(await whoIs(a)).toBeNull()
    expect(await whoIsOn(other)).toEqual(ada)
  })

  it('lets the same user log in anew at once', async () => {
    const {a} = await site()
    for (let time = 0; time < 3; time += 1) {
      await logIn(a, ada)
      expect(await whoIsOn(await a.connect('/live'))).toEqual(ada)
      await a.post('/logout')
      expect(await whoIs(a)).toBeNull()
    }
  })

  it('without a user only renews the session', async () => {
    const {a, log} = await site()
    await a.token()
    const before = a.session
    expect((await a.post('/logout')).status).toBe(204)
    expect(a.session).not.toBe(before)
    expect(await whoIs(a)).toBeNull()
    expect(log.errors()).toEqual([])
  })
})
