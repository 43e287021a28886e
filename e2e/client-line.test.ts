import {describe, expect, it, onTestFinished, vi} from 'vitest'
import {launch, useBrowser} from './support/browser.js'
import {Line} from './support/line.js'
import {SharedApp} from './support/shared-app.js'
import {Profile, ways, type Tab} from './support/tabs.js'

// A line that is cut takes ten seconds, and what comes after it may wait for a retry.
vi.setConfig({testTimeout: 90_000})

const browser = useBrowser(launch)

/** This is about time, so the clock is waited for. */
const tenSeconds = () => new Promise(resolve => setTimeout(resolve, 10_000))

type Way = (typeof ways)[number]

/** A tab behind a line, whose socket is open. */
async function tabBehindALine({without, shared}: Way) {
  const app = await SharedApp.serve()
  const line = await Line.to(app.port)
  onTestFinished(() => line.close())
  const profile = await Profile.inChromium(browser(), without)
  const tab = await profile.tab(`http://127.0.0.1:${line.port}/`, '/shared', {shared, queue: 5})
  return {app, line, tab}
}

/** Says numbers, and gives which were accepted. */
async function say(tab: Tab, ...texts: string[]): Promise<boolean[]> {
  const accepted: boolean[] = []
  for (const text of texts) accepted.push(await tab.send({type: 'say', text}))
  return accepted
}

async function dispatch(tab: Tab, type: 'online' | 'offline'): Promise<void> {
  await tab.run(name => void dispatchEvent(new Event(name)), type)
}

/** It is noticed in 35 seconds, whatever else is said of it. */
async function becomes(tab: Tab, state: string): Promise<void> {
  await expect.poll(() => tab.state(), {timeout: 35_000}).toBe(state)
}

/** In every way at once: each waits for most of its time. */
async function inEveryWay(run: (way: Way) => Promise<void>): Promise<void> {
  const named = async (way: Way) =>
    run(way).catch((cause: unknown) => {
      throw new Error(`with ${way.name}`, {cause})
    })
  await Promise.all(ways.map(named))
}

const five = ['1', '2', '3', '4', '5']
const tooMany = {
  accepted: [true, true, true, true, true, false],
  dropped: [[{type: 'say', text: 'too many'}]],
}

/** Says more than waits. */
async function overflow(tab: Tab): Promise<typeof tooMany> {
  const accepted = await say(tab, ...five, 'too many')
  return {accepted, dropped: (await tab.told('dropped')).map(({args}) => args) as typeof tooMany.dropped}
}

describe('a line that is cut for ten seconds', () => {
  it('row 66: is noticed by who says something, and what is said after arrives in order', () =>
    inEveryWay(async way => {
      const {app, line, tab} = await tabBehindALine(way)
      const healed = tenSeconds()
      line.cut()
      // Nobody knows yet: it is lost.
      expect(await say(tab, 'lost')).toEqual([true])
      await becomes(tab, 'reconnecting')
      expect(await overflow(tab)).toEqual(tooMany)
      await healed
      line.heal()
      await becomes(tab, 'open')
      expect(await say(tab, '6')).toEqual([true])
      await expect.poll(() => app.said).toEqual([...five, '6'])
    }))

  it('is doubted at once where the browser knows of it, and nothing is lost', () =>
    inEveryWay(async way => {
      const {app, line, tab} = await tabBehindALine(way)
      const healed = tenSeconds()
      line.cut()
      await dispatch(tab, 'offline')
      await becomes(tab, 'reconnecting')
      expect(await overflow(tab)).toEqual(tooMany)
      await healed
      line.heal()
      await dispatch(tab, 'online')
      await becomes(tab, 'open')
      await expect.poll(() => app.said).toEqual(five)
    }))
})

describe('a browser that says it is offline', () => {
  it('row 66: is not believed where the server answers: the same connection goes on', () =>
    inEveryWay(async way => {
      const {app, tab} = await tabBehindALine(way)
      await dispatch(tab, 'offline')
      await expect.poll(async () => (await tab.told('state')).length).toBe(3)
      const told = (await tab.told()).map(({event, args: [state]}) => state ?? event)
      expect(told).toEqual(['open', 'open', 'reconnecting', 'open'])
      await say(tab, 'still here')
      await expect.poll(() => app.said).toEqual(['still here'])
      expect(app.closed).toEqual([])
    }))
})

describe('a line that stands still for a while', () => {
  it('loses nothing, in either direction', async () => {
    const {app, line, tab} = await tabBehindALine(ways[0]!)
    line.stall()
    await say(tab, '1', '2')
    app.broadcast('meanwhile')
    await becomes(tab, 'reconnecting')
    await say(tab, '3')
    line.heal()
    await becomes(tab, 'open')
    await expect.poll(() => app.said).toEqual(['1', '2', '3'])
    await expect.poll(() => tab.heard()).toEqual(['meanwhile'])
    expect(app.closed).toEqual([])
    expect(await tab.told('gap')).toEqual([])
  })
})
