/// <reference lib="dom" />
import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import type {AxeResults} from 'axe-core'
import type {Page} from 'playwright-core'
import {expect} from 'vitest'

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

/** axe-core over the whole page, and no sideways scrolling. */
export async function expectSound(page: Page, view: string): Promise<void> {
  // What lies under the bar, or still moves, has no contrast of its own.
  await page.evaluate(() => scrollTo(0, 0))
  await page.evaluate(() => Promise.all(document.getAnimations().map(animation => animation.finished)))
  // The page's own policy lets no script in; the browser's debugger is none of its business.
  await page.evaluate(axe)
  const {violations, incomplete} = await page.evaluate(() =>
    (globalThis as unknown as {axe: {run(): Promise<AxeResults>}}).axe.run(),
  )
  // What a notification lies on is judged in the view that comes after it.
  const covered = (await page.locator('.toast').count()) > 0
  const unsure = incomplete.filter(({id}) => id === 'color-contrast' && !covered)
  const told = [...violations, ...unsure].flatMap(({id, nodes}) =>
    nodes.map(({html, failureSummary}) => `${view}: ${id}: ${html}\n${failureSummary}`),
  )
  expect(told).toEqual([])
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  expect(wider).toBe(0)
}
