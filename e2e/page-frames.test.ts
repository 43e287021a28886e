/// <reference lib="dom" />
import {describe, expect, it, vi} from 'vitest'
import {functions} from './support/shop.js'
import {appWith, useWorkbench, Workbench} from './support/workbench.js'

vi.setConfig({testTimeout: 60_000})

useWorkbench()

/** Connected to /flood, which sends as much as it is told to. */
class Flood {
  private constructor(readonly workbench: Workbench) {}

  static async open(): Promise<Flood> {
    const {url} = await appWith({routes: [functions]})
    const workbench = await Workbench.open(`${url}#ws/flood`)
    await workbench.connect()
    await workbench.card('flood').locator('textarea').first().waitFor()
    return new Flood(workbench)
  }

  get page() {
    return this.workbench.page
  }

  /** Until all of them, and the reply, have come. */
  async ask(count: number, from = 1): Promise<void> {
    const card = this.workbench.card('flood')
    await card.getByLabel('Fields of the message, as JSON').fill(JSON.stringify({count, from}))
    await card.getByRole('button', {name: 'Send'}).click()
    await card.getByText(/^Reply after/).waitFor()
  }

  get list() {
    return this.page.getByRole('listbox', {name: 'Frames'})
  }

  get count() {
    return this.page.locator('.frames .count')
  }

  /** The frames that are in the page, by their text. */
  async rows(): Promise<string[]> {
    return this.page.locator('.frame-text').allInnerTexts()
  }

  /** The first frame in sight. */
  first(): Promise<string | undefined> {
    return this.list.evaluate(list => {
      const {left, top} = list.getBoundingClientRect()
      return document
        .elementFromPoint(left + 150, top + 12)
        ?.closest('.frame')
        ?.querySelector('.frame-text')?.textContent
    })
  }

  async isInSight(text: string): Promise<boolean> {
    const row = this.workbench.frame(text)
    if ((await row.count()) === 0) return false
    const [list, box] = [await this.list.boundingBox(), await row.boundingBox()]
    return box!.y >= list!.y - 1 && box!.y + box!.height <= list!.y + list!.height + 1
  }
}

/** As many rows as fit on the screen, and a few. */
const mostRows = 60

describe('ten thousand frames', () => {
  it('are kept, and only those in sight are in the page', async () => {
    const flood = await Flood.open()
    const {page} = flood
    await page.evaluate(() => {
      const counts = {most: 0}
      Object.assign(globalThis, {counts})
      new MutationObserver(() => {
        counts.most = Math.max(counts.most, document.querySelectorAll('.frame').length)
      }).observe(document.body, {childList: true, subtree: true})
    })
    await flood.ask(12_000)
    await expect.poll(() => flood.isInSight('reply')).toBe(true)
    expect(await flood.count.innerText()).toBe('10,000')
    // Opened, asked, 12,000 heard, answered.
    await page.getByText('2,003 older frames dropped. The last 10,000 are kept.').waitFor()

    for (const part of [0.5, 0.1, 0, 0.9]) {
      await flood.list.evaluate((list, part) => list.scrollTo(0, list.scrollHeight * part), part)
      const n = Math.round(2_002 + 10_000 * part)
      await expect.poll(() => flood.rows()).toContain(`drop n: ${Math.min(12_000, n + 5)}`)
    }
    const most = await page.evaluate(() => (globalThis as unknown as {counts: {most: number}}).counts.most)
    expect(most).toBeGreaterThan(5)
    expect(most).toBeLessThan(mostRows)
    expect(await page.locator('.frame').first().getAttribute('aria-setsize')).toBe('10000')
  })

  it('come without taking what somebody reads out of sight', async () => {
    const flood = await Flood.open()
    await flood.ask(9_990)
    await flood.list.evaluate(list => {
      const {height} = list.querySelector('.frame')!.getBoundingClientRect()
      list.scrollTo(0, height * 5_000)
    })
    // Opened and asked are the first two.
    const read = 'drop n: 4999'
    await expect.poll(() => flood.first()).toBe(read)
    // Older ones are dropped for these.
    await flood.ask(500, 20_001)
    await expect.poll(() => flood.count.innerText()).toBe('10,000')
    expect(await flood.first()).toBe(read)
    await flood.page.getByRole('button', {name: 'Newest ↓'}).click()
    await expect.poll(() => flood.isInSight('reply')).toBe(true)
    await flood.ask(100, 30_001)
    await expect.poll(() => flood.isInSight('n: 30100')).toBe(true)
    expect(await flood.page.getByRole('button', {name: 'Newest ↓'}).isVisible()).toBe(false)
  })
})

describe('frames', () => {
  it('have time, direction and size, and are shown whole when chosen', async () => {
    const flood = await Flood.open()
    const {page, workbench} = flood
    await flood.ask(3)
    const row = workbench.frame('n: 2')
    expect(await row.innerText()).toMatch(/^\d\d:\d\d:\d\d\.\d{3}\s*↓\s*received\s*drop n: 2\s*21 B$/)
    expect(await workbench.frame('flood').innerText()).toMatch(/↑\s*sent\s*flood/)
    await row.click()
    expect(await row.getAttribute('aria-selected')).toBe('true')
    const whole = page.getByLabel('The frame', {exact: true})
    expect(await whole.innerText()).toBe('{\n  "type": "drop",\n  "n": 2\n}')
    await workbench.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', {name: 'Copy'}).click()
    await page.getByText('Copied').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await whole.innerText())
    await page.getByRole('button', {name: 'Put the frame away'}).click()
    expect(await whole.isVisible()).toBe(false)
  })

  it('stand still while they are paused, and lose nothing', async () => {
    const flood = await Flood.open()
    await flood.ask(5)
    await flood.page.getByRole('button', {name: 'Pause'}).click()
    await flood.ask(100, 1_001)
    await expect.poll(() => flood.count.innerText()).toBe('8 + 102 waiting')
    expect((await flood.rows()).filter(text => text.includes('n: 1'))).toEqual(['drop n: 1'])
    await flood.page.getByRole('button', {name: 'Resume'}).click()
    await expect.poll(() => flood.isInSight('n: 1100')).toBe(true)
    expect(await flood.count.innerText()).toBe('110')
  })

  it('are filtered by text and by direction', async () => {
    const flood = await Flood.open()
    await flood.ask(2_000)
    await flood.page.getByLabel('Filter frames').fill('"N":77')
    const texts = [77, ...Array.from({length: 10}, (_, n) => 770 + n)].map(n => `drop n: ${n}`)
    await expect.poll(() => flood.rows()).toEqual(texts)
    expect(await flood.count.innerText()).toBe('11 of 2,003')
    await flood.ask(1, 7_777)
    await expect.poll(() => flood.rows()).toEqual([...texts, 'drop n: 7777'])
    await flood.page.getByLabel('Filter frames').fill('')
    await flood.page.getByLabel('Which frames').selectOption('Sent')
    await expect
      .poll(() => flood.rows())
      .toEqual([expect.stringMatching(/^flood .*2000/), expect.stringMatching(/^flood .*7777/)])
    await flood.page.getByLabel('Filter frames').fill('nothing has this')
    await flood.page.getByText('No frame passes the filter.').waitFor()
  })

  it('are cleared', async () => {
    const flood = await Flood.open()
    await flood.ask(50)
    await flood.workbench.frame('reply').click()
    await flood.page.getByRole('button', {name: 'Clear'}).click()
    await flood.page.getByText('Nothing has been sent or heard yet.').waitFor()
    expect(await flood.list.isVisible()).toBe(false)
    await flood.ask(1, 51)
    await expect.poll(() => flood.rows()).toHaveLength(3)
  })

  it('go on coming while another route is looked at', async () => {
    const flood = await Flood.open()
    const {workbench} = flood
    await workbench.choose('ws/functional/orders')
    await flood.page.locator('nav a', {hasText: 'connected'}).waitFor()
    await workbench.choose('ws/flood')
    await flood.ask(40)
    await workbench.choose('ws/functional/orders')
    await workbench.choose('ws/flood')
    await expect.poll(() => flood.isInSight('reply')).toBe(true)
    expect(await flood.count.innerText()).toBe('43')
  })
})
