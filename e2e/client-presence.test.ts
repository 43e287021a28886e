import type {Presence, PresentUser} from 'candy-ws/client'
import {describe, expect, it, vi} from 'vitest'
import {launch, useBrowser} from './support/browser.js'
import {SharedApp} from './support/shared-app.js'
import {Profile, tiers, type Tab} from './support/tabs.js'

// Every wait below ends with an event; browsers on a busy machine are slow to bring it.
vi.setConfig({testTimeout: 60_000})

const browser = useBrowser(launch)

const ada: PresentUser = {key: 'a', id: '42', meta: {name: 'Ada'}, connections: 1}
const bob: PresentUser = {key: 'b', id: null, connections: 2}
const eve: PresentUser = {key: 'e', id: '44', connections: 1}

/** A room that tells its connections who is there, as the server does: so each test says what comes, and when. */
class Lobby {
  users: readonly PresentUser[] = [ada]
  /** Whether a new connection is told at once. */
  tells = true
  readonly #app: SharedApp

  constructor(app: SharedApp) {
    this.#app = app
    app.app.Route.ws('/lobby', ({ws}) => this.tells && this.#tell(ws))
  }

  /** Somebody comes. */
  join(user: PresentUser): void {
    this.users = [...this.users, user]
    this.#app.broadcast({type: 'candy.presence', room: 'lobby', joined: [user]})
  }

  /** Tells those who have not been told. */
  tell(): void {
    this.#tell({send: frame => this.#app.broadcast(frame)})
  }

  #tell(ws: {send(frame: object): unknown}): void {
    ws.send({type: 'candy.presence', room: 'lobby', users: this.users})
  }
}

async function heardBy(tab: Tab): Promise<Presence[]> {
  return (await tab.told('presence')).map(({args: [presence]}) => presence as Presence)
}

const change = (changes: Partial<Presence>) => ({
  room: 'lobby',
  users: [],
  joined: [],
  updated: [],
  left: [],
  ...changes,
})

describe.for(tiers)('with $name', ({without}) => {
  const isShared = without.length < 2

  it('a tab that comes later hears who is there by then', async () => {
    const app = await SharedApp.serve()
    const lobby = new Lobby(app)
    const profile = await Profile.inChromium(browser(), without)
    const first = await profile.tab(app.url, '/lobby')
    const all = [change({users: [ada], joined: [ada]}), change({users: [ada, bob], joined: [bob]})]
    lobby.join(bob)
    await expect.poll(() => heardBy(first)).toEqual(all)
    const late = await profile.tab(app.url, '/lobby')
    await expect.poll(() => heardBy(late)).toEqual([change({users: [ada, bob], joined: [ada, bob]})])
    expect(app.connections).toBe(isShared ? 1 : 2)
    lobby.join(eve)
    const now = change({users: [ada, bob, eve], joined: [eve]})
    await expect.poll(async () => (await heardBy(late)).at(-1)).toEqual(now)
    await expect.poll(() => heardBy(first)).toEqual([...all, now])
  })

  it('every tab hears of the rooms of which something may be missed', async () => {
    const app = await SharedApp.serve()
    const profile = await Profile.inChromium(browser(), without)
    const tabs = await profile.tabs(app.url, 2)
    app.broadcast({type: 'candy.gap', rooms: ['lobby']})
    for (const tab of tabs)
      await expect.poll(async () => (await tab.told('gap')).map(({args}) => args)).toEqual([[['lobby']]])
    for (const tab of tabs) expect(await tab.heard()).toEqual([])
  })

  it('after a new connection, tabs hear what is other than they knew', async () => {
    const app = await SharedApp.serve()
    const lobby = new Lobby(app)
    lobby.users = [ada, bob]
    const profile = await Profile.inChromium(browser(), without)
    const before = [await profile.tab(app.url, '/lobby'), await profile.tab(app.url, '/lobby')]
    for (const tab of before) await expect.poll(() => heardBy(tab)).toHaveLength(1)
    lobby.tells = false
    app.restart()
    for (const tab of before) await expect.poll(() => tab.told('gap')).toHaveLength(1)
    // What the connection before told is not passed on.
    const late = await profile.tab(app.url, '/lobby')
    lobby.users = [bob, eve]
    lobby.tell()
    await expect.poll(() => heardBy(late)).toEqual([change({users: [bob, eve], joined: [bob, eve]})])
    const now = change({users: [bob, eve], joined: [eve], left: [ada]})
    for (const tab of before)
      await expect.poll(() => heardBy(tab)).toEqual([change({users: [ada, bob], joined: [ada, bob]}), now])
  })
})

describe.for(tiers.slice(0, 3))('with $name', ({without}) => {
  it('the first tab crashes: nobody has left for the others', async () => {
    const app = await SharedApp.serve()
    const lobby = new Lobby(app)
    lobby.users = [ada, bob]
    const profile = await Profile.inChromium(browser(), without)
    const first = await profile.tab(app.url, '/lobby')
    const second = await profile.tab(app.url, '/lobby')
    await expect.poll(() => heardBy(second)).toHaveLength(1)
    await first.crash()
    await expect.poll(() => second.told('gap')).toHaveLength(1)
    lobby.join(eve)
    await expect
      .poll(() => heardBy(second))
      .toEqual([
        change({users: [ada, bob], joined: [ada, bob]}),
        change({users: [ada, bob, eve], joined: [eve]}),
      ])
  })
})
