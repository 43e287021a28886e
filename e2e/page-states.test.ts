/// <reference lib="dom" />
import type {Page} from 'playwright-core'
import {describe, expect, it, onTestFinished, vi} from 'vitest'
import type {PageData} from '../src/describe/description.js'
import {Dev} from '../test/support/dev.js'
import {functions, OrdersController} from './support/shop.js'
import {appWith, expectProblems, useWorkbench, Workbench} from './support/workbench.js'

vi.setConfig({testTimeout: 60_000})

useWorkbench()

const shop = {controllers: [OrdersController], routes: [functions]}

/** What the server says of the app, changed on its way. */
function changing(page: Page): (change: (data: PageData) => PageData | number) => Promise<void> {
  return async change => {
    await page.route('**/app.json', async route => {
      const {'if-none-match': _, ...headers} = route.request().headers()
      const response = await route.fetch({headers})
      const changed = change((await response.json()) as PageData)
      if (typeof changed === 'number') return route.fulfill({status: changed, body: 'changed'})
      return route.fulfill({status: 200, json: changed})
    })
  }
}

describe('while the app changes', () => {
  it('what has not changed is not said again, and nothing is made anew', async () => {
    const {url} = await appWith(shop)
    const statuses: number[] = []
    const {page, routes} = await Workbench.open(url, {}, async page => {
      page.on('response', response => {
        if (response.url().endsWith('/app.json')) statuses.push(response.status())
      })
    })
    await routes.first().evaluate(link => Object.assign(link, {isSame: true}))
    for (let n = 0; n < 3; n++) await page.waitForResponse(response => response.status() === 304)
    expect(statuses.slice(0, 3)).toEqual([200, 304, 304])
    expect(await routes.first().evaluate(link => 'isSame' in link)).toBe(true)
  })

  it('what was typed stays, where it was typed', async () => {
    const {url} = await appWith(shop)
    const workbench = await Workbench.open(`${url}#ws/orders`)
    const {page} = workbench
    await workbench.connect()
    const card = workbench.card('order')
    await card.getByRole('button', {name: 'Left out. Add it: note'}).click()
    await page.keyboard.type('Ring twice')
    await card.getByLabel('street', {exact: true}).fill('Main Street')
    const tree = await workbench.open('tree')
    await tree.getByLabel('name', {exact: true}).fill('Oak')
    await workbench.open('order')
    await card.getByLabel('street', {exact: true}).focus()

    await changing(page)(({schemas, routes, ...data}) => {
      const {gift: _, ...properties} = schemas.Order!.properties!
      const required = ['lines', 'to', 'by', 'urgent']
      const Order = {...schemas.Order, required, properties: {...properties, urgent: {type: 'boolean'}}}
      return {...data, routes: [...routes, {...routes[0]!, path: '/new'}], schemas: {...schemas, Order}}
    })
    await card.getByLabel('urgent', {exact: true}).waitFor()
    await workbench.routes.filter({hasText: '/new'}).waitFor()
    expect(await card.getByLabel('gift', {exact: true}).count()).toBe(0)
    expect(await card.getByLabel('note', {exact: true}).inputValue()).toBe('Ring twice')
    const street = card.getByLabel('street', {exact: true})
    expect(await street.inputValue()).toBe('Main Street')
    expect(await street.evaluate(field => field === document.activeElement)).toBe(true)
    await workbench.state('Open')
    await workbench.open('tree')
    expect(await tree.getByLabel('name', {exact: true}).inputValue()).toBe('Oak')
  })

  it('a change that cannot be loaded is told until it can', async () => {
    const {url} = await appWith(shop)
    const {page} = await Workbench.open(url)
    const fault =
      'controllers/room.ts:12  <b>duplicate route</b> [DUPLICATE_ROUTE]\n    Give one another path.'
    await changing(page)(data => ({...data, fault}))
    await page.getByRole('alert').getByText('The last change could not be loaded.').waitFor()
    expect(await page.getByLabel('The fault').innerText()).toBe(fault)
    await page.unrouteAll({behavior: 'wait'})
    await page.getByText('The last change could not be loaded.').waitFor({state: 'detached'})
  })

  it('under candy dev, saves show as they are saved, and faults until they are mended', async () => {
    expectProblems(/ERR_|WebSocket/)
    const controller = (field: string) => `import {Body, OnMessage, Token, WsRoute} from 'candy-ws'
import {Length} from 'class-validator'
class Say {
  @Length(1, 20) ${field}!: string
}
@WsRoute('/say')
@Token(false)
export class SayController {
  @OnMessage('say') say(@Body() message: Say) { return message }
}
`
    const dev = new Dev({'controllers/say.ts': controller('text')})
    const workbench = await Workbench.open(`${await dev.url()}/_candy/#ws/say`)
    const {page} = workbench
    const card = workbench.card('say')
    await workbench.connect()
    await page.getByLabel('Query').fill('kept=1')

    dev.save({'controllers/say.ts': controller('words')})
    await card.getByLabel('words', {exact: true}).waitFor()
    expect(await workbench.why.innerText()).toMatch(/^Closed with 1012/)

    dev.save({'controllers/say.ts': controller('words').replace("'/say'", "'say'")})
    await page.getByLabel('The fault', {exact: true}).getByText('[MALFORMED_PATH]').waitFor()
    await workbench.connect()
    await card.getByLabel('words', {exact: true}).fill('still served')
    await card.getByRole('button', {name: 'Send'}).click()
    await card.getByLabel('The reply').getByText('"still served"').waitFor()

    dev.save({'controllers/say.ts': controller('text')})
    await card.getByLabel('text', {exact: true}).waitFor()
    await page.getByLabel('The fault', {exact: true}).waitFor({state: 'detached'})
    expect(await page.getByLabel('Query').inputValue()).toBe('kept=1')
  })

  it('an app that has ended takes nothing away that was typed', async () => {
    const {url} = await appWith(shop)
    const workbench = await Workbench.open(`${url}#ws/orders`)
    const {page} = workbench
    const street = workbench.card('order').getByLabel('street', {exact: true})
    await street.fill('Main Street')
    await changing(page)(data => ({...data, routes: [], fault: 'the app ended by itself'}))
    await page.getByText('Nothing is served yet').waitFor()
    await page.getByRole('alert').getByText('The app could not be loaded.').waitFor()
    await page.unrouteAll({behavior: 'wait'})
    await street.waitFor()
    expect(await street.inputValue()).toBe('Main Street')
  })

  it('a route that is gone is told, and its list is anew', async () => {
    const {url} = await appWith(shop)
    const {page, routes} = await Workbench.open(`${url}#ws/orders`)
    await page.getByRole('heading', {level: 1, name: '/orders'}).waitFor()
    await changing(page)(data => ({...data, routes: data.routes.filter(({path}) => path !== '/orders')}))
    await page.getByRole('heading', {level: 1, name: 'There is no such route'}).waitFor()
    expect(await routes.filter({hasText: /^\/orders/}).count()).toBe(0)
  })

  it('a server that is away comes back, and finds what was typed', async () => {
    expectProblems(/ERR_CONNECTION_REFUSED|WebSocket/)
    const {url, app} = await appWith(shop)
    const workbench = await Workbench.open(`${url}#ws/orders`)
    const {page} = workbench
    await workbench.connect()
    await workbench.card('order').getByLabel('street', {exact: true}).fill('Main Street')
    await app.close()
    await page.getByText('The server is away').waitFor()
    expect(await workbench.why.innerText()).toMatch(/^Closed with 1012 retry=\d+\. .*may succeed\.$/)
    await workbench.page.getByRole('button', {name: 'Connect'}).click()
    await page.getByText(/^Refused\./).waitFor()

    await appWith(shop, Number(new URL(url).port))
    await page.getByText('The server is away').waitFor({state: 'hidden'})
    await workbench.connect()
    expect(await workbench.card('order').getByLabel('street', {exact: true}).inputValue()).toBe('Main Street')
  })

  it('a server that will not say what the app is gives its status', async () => {
    expectProblems(/status of 403/)
    const {url} = await appWith(shop)
    const {page} = await Workbench.open(url, {}, page => changing(page)(() => 403))
    await page.getByText('The server answers 403').waitFor()
  })
})

describe('an app', () => {
  it('in production shows what it is, and nothing to try', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    onTestFinished(() => void vi.unstubAllEnvs())
    const {url} = await appWith({...shop, page: {use: [() => true]}})
    const {page, routes} = await Workbench.open(`${url}#ws/orders`)
    await page.getByText('Read only').waitFor()
    expect(await routes.count()).toBe(4)
    expect(await page.getByRole('table', {name: 'Fields', exact: true}).first().innerText()).toContain(
      'list of Line',
    )
    await page.getByRole('table', {name: 'Fields of ordered'}).waitFor()
    const buttons = await page.getByRole('button').allInnerTexts()
    expect(buttons.filter(words => !['list of Line', 'Address', 'list of Branch'].includes(words))).toEqual(
      [],
    )
    expect(await page.getByRole('textbox').count()).toBe(0)
    await page.goto(`${url}#get/orders/%7Bid%7D`)
    await page.getByRole('heading', {level: 1, name: '/orders/{id}'}).waitFor()
    expect(await page.getByRole('button').count()).toBe(0)
  })

  it('without a route says how to begin', async () => {
    const {url} = await appWith({})
    const {page} = await Workbench.open(url)
    await page.getByRole('heading', {level: 1, name: 'This app has no route yet'}).waitFor()
    await page.getByText('controllers/hello.ts').waitFor()
  })

  it('with hostile names shows them as they are', async () => {
    const name = '<img src=x onerror=alert(1)>'
    const {url} = await appWith({auth: () => ({id: 1, name}), ...shop})
    const {page} = await Workbench.open(url, {}, page =>
      changing(page)(data => ({
        ...data,
        title: name,
        routes: data.routes.map(route => ({...route, source: name, use: [name], handler: name})),
      })),
    )
    await page.getByText(`Logged in as ${name}`).waitFor()
    expect(await page.locator('nav').innerText()).toContain(name)
    expect(await page.locator('img[src=x]').count()).toBe(0)
  })
})
