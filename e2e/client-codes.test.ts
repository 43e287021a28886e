import type {Candy} from 'candy-ws'
import type {CandyClient} from 'candy-ws/client'
import {expect, it, vi} from 'vitest'
import {launch, useBrowser} from './support/browser.js'
import {SharedApp} from './support/shared-app.js'
import {Profile} from './support/tabs.js'

vi.setConfig({testTimeout: 60_000})

const browser = useBrowser(launch)

const final = [1000, 1002, 1003, 1007, 1008, 1009, 4000, 4001, 4003]
const passing = [1001, 1011, 1012, 1013, 4002, 4999]

interface Fate {
  /** The codes that its states were told with. */
  readonly whys: number[]
  /** How many tokens were asked for. */
  tokens: number
  state: string
}

interface Page {
  readonly Candy: CandyClient
  fates: Record<number, Fate>
}

/** In the page: a socket of its own for each code, and what becomes of it. */
function connectAll(codes: readonly number[]): void {
  const page = globalThis as unknown as Page
  page.fates = {}
  for (const code of codes) {
    const fate: Fate = (page.fates[code] = {whys: [], tokens: 0, state: ''})
    const token = async () => {
      fate.tokens += 1
      const answer = await fetch('/_candy/token')
      return ((await answer.json()) as {token: string}).token
    }
    const socket = page.Candy.ws(`/code/${code}`, {token, reconnectDelay: 0})
    socket.on('state', (state, why) => {
      fate.state = state
      if (why) fate.whys.push(why.code)
    })
  }
}

it('row 64: a browser comes back after each close code, or does not, and with a fresh token if it does', async () => {
  const app = await SharedApp.serve({limits: {maxPerIp: 'off'}})
  const seen = new Map<string, number>()
  app.app.Route.ws('/code/{code}', ({ws, Request}: Candy) => {
    const code = Request.data.url.code!
    const times = (seen.get(code) ?? 0) + 1
    seen.set(code, times)
    if (times === 1) ws.close(Number(code), 'why')
  })
  const profile = await Profile.inChromium(browser())
  const tab = await profile.tab(app.url)
  await tab.run(connectAll, [...final, ...passing])
  const over = final.map(code => [code, {whys: [code], tokens: 1, state: 'closed'}] as const)
  const back = passing.map(code => [code, {whys: [code], tokens: 2, state: 'open'}] as const)
  const fates = async () => tab.run(() => (globalThis as unknown as Page).fates, undefined)
  await expect.poll(fates, {timeout: 40_000}).toEqual(Object.fromEntries([...over, ...back]))
  // Nobody whose connection is over comes later.
  expect(final.map(code => seen.get(String(code)))).toEqual(final.map(() => 1))
})
