/// <reference lib="dom" />
import {createServer, type ServerResponse} from 'node:http'
import {fileURLToPath} from 'node:url'
import {createApp} from 'candy-ws'
import type {Page} from 'playwright-core'
import {describe, expect, it, onTestFinished, vi} from 'vitest'
import {candy} from '../test/support/cli.js'
import {end, listen} from './support/server.js'
import {appWith, expectProblems, silent, useWorkbench, Workbench} from './support/workbench.js'

const repository = fileURLToPath(new URL('..', import.meta.url))

// Every wait below ends with an event; browsers on a busy machine are slow to bring it.
vi.setConfig({testTimeout: 60_000})

useWorkbench()

/** The page of the example, as `npm start` serves it. */
async function example(): Promise<Workbench> {
  const url = await candy(['start', '.', '--port', '0'], {cwd: repository}).url()
  return Workbench.open(`${url}/_candy/`)
}

describe('the list', () => {
  it('has every route of the example, with its guards and its place', async () => {
    const {routes} = await example()
    await routes.first().waitFor()
    const told = await routes.allInnerTexts()
    expect(told.map(text => text.replaceAll(/:\d+$/g, '').split(/\n+/))).toEqual([
      ['/echo', 'controllers/echo.ts'],
      ['/functional/echo', 'web/route/websocket.js'],
      ['/game', 'token, open-rooms', 'web/route/websocket.js'],
      ['/notifications', 'token', 'web/route/websocket.js'],
      ['/room/{id}', 'auth, token, rate-limit, roomName', 'controllers/room.ts'],
      ['/notify', 'web/route/www.js'],
      ['GET /me', 'token', 'web/route/www.js'],
      ['POST /login', 'token, rate-limit', 'web/route/www.js'],
      ['POST /logout', 'token, rate-limit', 'web/route/www.js'],
      ['POST /notify', 'auth, token, rate-limit', 'web/route/www.js'],
    ])
    expect(told.every(text => /:\d+$/.test(text))).toBe(true)
  })

  it('is filtered by path, guard, file and message', async () => {
    const {page, routes} = await example()
    await routes.first().waitFor()
    const shown = () => routes.evaluateAll(links => links.map(link => link.getAttribute('href')))
    await page.keyboard.press('/')
    for (const [words, hrefs] of [
      ['notif', ['#ws/notifications', '#page/notify', '#post/notify']],
      ['roomname', ['#ws/room/%7Bid%7D']],
      ['echo.ts', ['#ws/echo']],
      ['typing', ['#ws/room/%7Bid%7D']],
      ['post log', ['#post/login', '#post/logout']],
      ['nothing has this', []],
    ] as const) {
      await page.keyboard.press('Control+A')
      await page.keyboard.type(words)
      await expect.poll(shown).toEqual(hrefs)
    }
    await page.getByText('No route matches.').waitFor()
  })

  it('shows a route at an address of its own, and the back button goes back', async () => {
    const workbench = await example()
    const {page} = workbench
    await workbench.choose('ws/room/{id}')
    expect(new URL(page.url()).hash).toBe('#ws/room/%7Bid%7D')
    expect(await page.title()).toBe('/room/{id} · candy-ws · Candy')
    await workbench.choose('get/me')
    await page.goBack()
    await page.getByRole('heading', {level: 1, name: '/room/{id}'}).waitFor()
    await page.reload()
    await page.getByRole('heading', {level: 1, name: '/room/{id}'}).waitFor()
    expect(await page.locator('[aria-current=page]').innerText()).toMatch(/^\/room\/\{id\}/)
    await page.goto(`${page.url().split('#')[0]!}#ws/gone`)
    await page.getByRole('heading', {name: 'There is no such route'}).waitFor()
  })
})

describe('a route', () => {
  it('says what it asks for, what it takes and what it sends', async () => {
    const workbench = await example()
    const {page} = workbench
    await workbench.choose('ws/room/{id}')
    expect(await page.locator('.guards dl').innerText()).toBe(
      [
        ['auth', 'a user who is logged in, else 4001'],
        ['token', 'a CSRF token of this session, else 4002'],
        ['rate-limit', 'not too many from one address, else 1013'],
        ['roomName', 'a yes of this middleware, else 4003 or a code of its own'],
      ]
        .flat()
        .join('\n'),
    )
    const say = await workbench.open('say')
    await say.getByText('Schema and reply').click()
    expect(await rowsOf(say.getByRole('table', {name: 'Fields', exact: true}))).toEqual([
      ['text', 'string', 'at most 500 characters, matches /\\S/'],
    ])
    const said = await workbench.open('said')
    const table = said.getByRole('table', {name: 'Fields of said'})
    expect(await rowsOf(table)).toEqual([
      ['type', '"said"', ''],
      ['from', 'Person', ''],
      ['id', 'string', ''],
      ['name', 'string', ''],
      ['text', 'string', ''],
      ['at', 'integer', ''],
    ])
    await table.getByRole('button', {name: 'Person'}).click()
    expect((await rowsOf(table)).map(([name]) => name)).toEqual(['type', 'from', 'text', 'at'])
  })

  it('with a login: somebody logs in here, connects with a parameter, and talks', async () => {
    const workbench = await example()
    await talk(workbench)
  })

  it('works under a Content-Security-Policy of default-src self', async () => {
    const app = await createApp({dir: repository, logger: silent})
    const site = app.http()
    const server = createServer((request, response) => {
      addPolicy(response, "default-src 'self'")
      site(request, response)
    })
    onTestFinished(async () => {
      await app.close()
      await end(server)
    })
    app.attach(server)
    const violations: string[] = []
    const policies: string[] = []
    const workbench = await Workbench.open(
      `http://127.0.0.1:${await listen(server)}/_candy/`,
      {},
      async page => {
        await page.exposeFunction('violated', (what: string) => violations.push(what))
        await page.addInitScript(() =>
          document.addEventListener('securitypolicyviolation', ({violatedDirective, blockedURI}) => {
            const {violated} = globalThis as unknown as {violated: (what: string) => void}
            violated(`${violatedDirective} ${blockedURI}`)
          }),
        )
        page.on('response', response => policies.push(response.headers()['content-security-policy'] ?? ''))
      },
    )
    await talk(workbench)
    expect(violations).toEqual([])
    expect(policies.filter(policy => !/(^|, )default-src 'self'$/.test(policy))).toEqual([])
  })

  it('says before and after that nobody is logged in, and where that can be changed', async () => {
    const workbench = await example()
    const {page} = workbench
    await workbench.choose('ws/room/{id}')
    await page
      .getByText('Nobody is logged in, and this route asks for somebody: it will close with 4001.')
      .waitFor()
    await page.getByLabel('Parameter id').fill('lobby')
    await page.getByRole('button', {name: 'Connect'}).click()
    await workbench.why.waitFor()
    expect(await workbench.why.innerText()).toMatch(
      /^Closed with 4001 Unauthorized\. Issued when the route asks for a user.*Once somebody is logged in, connecting again may succeed\.$/,
    )
    await workbench.frame('closed, 4001 Unauthorized').waitFor()
    await page.getByRole('link', {name: 'POST /login'}).first().click()
    await page.getByRole('heading', {level: 1, name: '/login'}).waitFor()
    await workbench.logIn('Ada')
    await workbench.choose('ws/room/{id}')
    expect(await page.getByText('Nobody is logged in').count()).toBe(0)
  })

  it('logged out, closes and says so', async () => {
    const workbench = await example()
    await workbench.logIn('Ada')
    await workbench.choose('ws/room/{id}')
    await workbench.page.getByLabel('Parameter id').fill('lobby')
    await workbench.connect()
    await workbench.choose('post/logout')
    await workbench.page.getByRole('button', {name: 'Send', exact: true}).click()
    await workbench.page.getByText('204 No Content').waitFor()
    await workbench.choose('ws/room/{id}')
    expect(await workbench.why.innerText()).toMatch(/^Closed with 4001/)
  })

  it('without a token, explains 4002', async () => {
    const workbench = await example()
    await workbench.choose('ws/game')
    await workbench.page.getByRole('switch', {name: 'Token'}).uncheck()
    await workbench.page.getByRole('button', {name: 'Connect'}).click()
    await workbench.why.waitFor()
    expect(await workbench.why.innerText()).toMatch(
      /^Closed with 4002 Missing token\..*With a fresh token, .*connecting again may succeed\.$/,
    )
  })

  it('takes a query, whose middleware may refuse', async () => {
    const workbench = await example()
    await workbench.choose('ws/game')
    await workbench.page.getByLabel('Query').fill('room=closed-today')
    await workbench.page.getByRole('button', {name: 'Connect'}).click()
    await workbench.why.waitFor()
    expect(await workbench.why.innerText()).toMatch(
      /^Closed with 4003 Forbidden\. Issued when a middleware returns false/,
    )
  })

  it('that refuses the handshake with a status says what could be the reason', async () => {
    expectProblems(/WebSocket connection to .* failed/)
    const workbench = await example()
    await workbench.choose('ws/room/{id}')
    await workbench.page.getByRole('button', {name: 'Connect'}).click()
    await workbench.why.waitFor()
    expect(await workbench.why.innerText()).toMatch(
      /^Refused\. .*HTTP status.*CANDY_LOG=debug logs why\. The parameter id is empty\.$/,
    )
  })

  it('that is a function says what it takes once somebody has connected', async () => {
    const {url} = await appWith({
      routes: [
        Candy => {
          Candy.Route.ws('/late', Candy => Candy.ws.on('hello', Object, () => 'hi'), {token: false})
        },
      ],
    })
    const workbench = await Workbench.open(url)
    await workbench.page.getByText('its messages are known from its first connection on').waitFor()
    await workbench.connect()
    const card = workbench.card('hello')
    await card.getByRole('button', {name: 'Send'}).click()
    await card.getByText('"hi"').waitFor()
    expect(await workbench.page.getByText('known from its first connection on').count()).toBe(0)
  })

  it('that is a page is a link', async () => {
    const workbench = await example()
    await workbench.choose('page/notify')
    await workbench.page.getByLabel('Query').fill('sent=1')
    const link = workbench.page.getByRole('link', {name: 'Open in a new tab'})
    expect(await link.getAttribute('href')).toMatch(/\/notify\?sent=1$/)
    const [tab] = await Promise.all([workbench.context.waitForEvent('page'), link.click()])
    await tab.waitForURL(/\/$/)
  })
})

describe('the keyboard', () => {
  it('is enough to find a route, connect, send and read', async () => {
    const workbench = await example()
    const {page} = workbench
    const {keyboard} = page
    await workbench.routes.first().waitFor()
    await keyboard.press('/')
    await keyboard.type('controllers/echo')
    await keyboard.press('ArrowDown')
    await keyboard.press('Enter')
    await expect.poll(() => focused(page)).toBe('/echo')
    await tabTo(page, 'Connect')
    await keyboard.press('Enter')
    await workbench.state('Open')
    await tabTo(page, 'text')
    await keyboard.type('by hand')
    await keyboard.press('Enter')
    await workbench.frame('reply').waitFor()
    await keyboard.press('Shift+Enter')
    await keyboard.type('twice')
    await keyboard.press('Control+Enter')
    await workbench
      .frame(/\\ntwice/)
      .first()
      .waitFor()
    await tabTo(page, 'Frames')
    for (const key of ['Home', 'ArrowDown']) await keyboard.press(key)
    await page.getByRole('region', {name: 'Chosen frame'}).getByText('"by hand"').waitFor()
    await keyboard.press('End')
    await page.getByRole('region', {name: 'Chosen frame'}).getByText('"reply"').waitFor()
    await keyboard.press('Escape')
    expect(await page.getByRole('region', {name: 'Chosen frame'}).count()).toBe(0)
  })

  it('skips the list', async () => {
    const {page, routes} = await example()
    await routes.first().waitFor()
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('Skip to the route')
    await page.keyboard.press('Enter')
    expect(await focused(page)).toBe('/echo')
  })
})

/** A conversation in the room of the example: what is right, and what is wrong. */
async function talk(workbench: Workbench): Promise<void> {
  const {page} = workbench
  await workbench.logIn('Ada')
  expect(await page.locator('.user').innerText()).toBe('Logged in as Ada')
  await workbench.choose('ws/room/{id}')
  await page.getByLabel('Parameter id').fill('Zürich 2')
  await workbench.connect()
  expect(await page.locator('.where').innerText()).toMatch(/^ws:.*\/room\/Z%C3%BCrich%202 · candy\.v1$/)

  const say = workbench.card('say')
  const field = say.getByLabel('text', {exact: true})
  await field.fill('Hello from the page')
  await say.getByRole('button', {name: 'Send'}).click()
  await say.getByText(/^Reply after [\d.]+ m?s$/).waitFor()
  await workbench.frame(/^\S+\s*↓.*said.*Hello from the page/).waitFor()

  await field.fill('x'.repeat(501))
  await say.getByRole('button', {name: 'Send'}).click()
  await say.getByText('That is more than 500 characters').waitFor()
  expect(await field.getAttribute('aria-invalid')).toBe('true')
  expect(await describedBy(page)).toContain('That is more than 500 characters')
  expect(await focused(page)).toBe('text')

  await field.fill('Short')
  await say.getByRole('button', {name: 'Send'}).click()
  await say.getByText(/^Reply after/).waitFor()
  expect(await field.getAttribute('aria-invalid')).toBe(null)
  expect(await say.getByText('That is more than').count()).toBe(0)
}

/** What a table shows, row by row. */
async function rowsOf(table: ReturnType<Page['locator']>): Promise<string[][]> {
  const rows = await table.locator('tbody tr:visible').all()
  return Promise.all(rows.map(row => row.locator('th, td').allInnerTexts()))
}

/** The name of what has the focus. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLInputElement
    return element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent
  })
}

/** What describes what has the focus. */
function describedBy(page: Page): Promise<string> {
  return page.evaluate(() => {
    const ids = document.activeElement?.getAttribute('aria-describedby')?.split(' ') ?? []
    return ids.map(id => document.getElementById(id)?.textContent).join(' ')
  })
}

async function tabTo(page: Page, name: string): Promise<void> {
  for (let n = 0; n < 40; n++) {
    if ((await focused(page)) === name) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`forty Tabs did not reach ${name}`)
}

/** Adds a policy to an answer: a browser keeps both. */
function addPolicy(response: ServerResponse, policy: string): void {
  const writeHead = response.writeHead.bind(response) as (...given: unknown[]) => ServerResponse
  response.writeHead = (...given: unknown[]) => {
    const headers = given.find(each => typeof each === 'object' && each !== null) as Record<string, string>
    const own = Object.keys(headers).find(name => name.toLowerCase() === 'content-security-policy')
    if (own) headers[own] += `, ${policy}`
    else headers['Content-Security-Policy'] = policy
    return writeHead(...given)
  }
}
