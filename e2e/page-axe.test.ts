/// <reference lib="dom" />
import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import type {AxeResults} from 'axe-core'
import type {Page} from 'playwright-core'
import {describe, expect, it, onTestFinished, vi} from 'vitest'
import {functions, OrdersController} from './support/shop.js'
import {appWith, expectProblems, useWorkbench, Workbench} from './support/workbench.js'

const repository = fileURLToPath(new URL('..', import.meta.url))
const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

vi.setConfig({testTimeout: 120_000})

useWorkbench()

const desktop = {width: 1280, height: 800}
const phone = {width: 390, height: 844}

describe.each([
  ['light', desktop],
  ['dark', desktop],
  ['light', phone],
  ['dark', phone],
] as const)('%s, %o', (colorScheme, viewport) => {
  const look = {colorScheme, viewport}

  it('axe finds nothing at the example, from the list to a conversation', async () => {
    const {url} = await appWith({dir: repository})
    const workbench = await Workbench.open(url, look)
    const {page} = workbench
    await workbench.routes.first().waitFor()
    await expectSound(page, 'first')
    await page.getByRole('searchbox', {name: 'Filter routes'}).fill('nothing has this')
    await page.getByText('No route matches.').waitFor()
    await expectSound(page, 'filtered')
    await page.goto(`${url}#ws/room/%7Bid%7D`)
    await page.getByText('Nobody is logged in, and').waitFor()
    await expectSound(page, 'nobody is logged in')
    await page.getByLabel('Parameter id').fill('lobby')
    await page.getByRole('button', {name: 'Connect'}).click()
    await workbench.why.waitFor()
    await expectSound(page, 'refused')
    await page.goto(`${url}#post/login`)
    await page.getByLabel('Name of the field').fill('name')
    await page.getByLabel('Value of the field').fill('Ada')
    await page.getByRole('button', {name: 'Send', exact: true}).click()
    await page.getByText('Logged in as').click()
    await expectSound(page, 'logged in')
    await page.getByText('Logged in as').click()
    await page.goto(`${url}#page/notify`)
    await page.getByRole('link', {name: 'Open in a new tab'}).waitFor()
    await expectSound(page, 'a page')

    await page.goto(`${url}#ws/room/%7Bid%7D`)
    await workbench.connect()
    const say = workbench.card('say')
    for (const text of ['Hello', 'x'.repeat(501)]) {
      await say.getByLabel('text', {exact: true}).fill(text)
      await say.getByRole('button', {name: 'Send'}).click()
      await say.getByText(text === 'Hello' ? /^Reply/ : 'That is more than').waitFor()
      await expectSound(page, text === 'Hello' ? 'replied' : 'refused')
    }
    await workbench.frame('VALIDATION').click()
    await workbench.open('said')
    await expectSound(page, 'frame')
  })

  it('axe finds nothing in forms, schemas and a long log', async () => {
    expectProblems(/WebSocket|REFUSED/)
    const {url, app} = await appWith({controllers: [OrdersController], routes: [functions]})
    const workbench = await Workbench.open(`${url}#ws/orders`, look)
    const {page} = workbench
    await workbench.connect()
    const card = workbench.card('order')
    await card.getByRole('button', {name: 'Send', exact: true}).click()
    await card.getByText('VALIDATION', {exact: true}).waitFor()
    await card.getByText('Schema and reply').click()
    await expectSound(page, 'faults')
    await card.getByText('Raw', {exact: true}).click()
    for (const name of ['anything', 'ping', 'bytes', 'raw']) {
      await workbench.open(name)
      await expectSound(page, name)
    }
    await page.goto(`${url}#ws/flood`)
    await workbench.connect()
    const flood = workbench.card('flood')
    await flood.getByLabel('Fields of the message, as JSON').fill('{"count": 10500}')
    await flood.getByRole('button', {name: 'Send'}).click()
    await flood.getByText(/^Reply/).waitFor()
    await page.getByRole('listbox', {name: 'Frames'}).evaluate(list => list.scrollTo(0, 500))
    await page.getByRole('button', {name: 'Pause'}).click()
    await page.getByRole('button', {name: 'Newest ↓'}).waitFor()
    await expectSound(page, 'flood')
    await app.close()
    await page.getByText('The server is away').waitFor()
    await expectSound(page, 'away')
  })

  it('axe finds nothing where there is nothing to try, or nothing at all', async () => {
    const {url} = await appWith({})
    const {page} = await Workbench.open(url, look, page =>
      page
        .route('**/app.json', async route => {
          const response = await route.fetch()
          const fault = 'controllers/room.ts:12  no such middleware\n    Register it.'
          await route.fulfill({json: {...((await response.json()) as object), fault}})
        })
        .then(() => {}),
    )
    await page.getByText('Nothing is served yet').waitFor()
    await expectSound(page, 'fault')
    await page.unrouteAll({behavior: 'wait'})
    await page.getByText('This app has no route yet').waitFor()
    await expectSound(page, 'empty')

    vi.stubEnv('NODE_ENV', 'production')
    onTestFinished(() => void vi.unstubAllEnvs())
    const shop = await appWith({
      controllers: [OrdersController],
      routes: [functions],
      page: {use: [() => true]},
    })
    await page.goto(`${shop.url}#ws/orders`)
    await page.getByText('Read only').waitFor()
    await expectSound(page, 'read only')
    await page.goto(`${shop.url}#ws/gone`)
    await page.getByText('There is no such route').waitFor()
    await expectSound(page, 'gone')
  })
})

/** axe-core over the whole page, and no sideways scrolling. */
async function expectSound(page: Page, view: string): Promise<void> {
  // The page's own policy lets no script in; the browser's debugger is none of its business.
  await page.evaluate(axe)
  const {violations, incomplete} = await page.evaluate(() =>
    (globalThis as unknown as {axe: {run(): Promise<AxeResults>}}).axe.run(),
  )
  const told = [...violations, ...incomplete.filter(({id}) => id !== 'color-contrast')].flatMap(
    ({id, nodes}) => nodes.map(({html, failureSummary}) => `${view}: ${id}: ${html}\n${failureSummary}`),
  )
  expect(told).toEqual([])
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  expect([view, wider]).toEqual([view, 0])
}
