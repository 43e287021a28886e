/// <reference lib="dom" />
import type {CandyClient} from 'candy-ws/client'
import {createServer} from 'node:http'
import {fileURLToPath} from 'node:url'
import type {BrowserContextOptions, Page} from 'playwright-core'
import {afterEach, describe, expect, it, onTestFinished, vi} from 'vitest'
import {candy, type Program} from '../test/support/cli.js'
import {launch, useBrowser} from './support/browser.js'
import {Person} from './support/person.js'
import {end, listen} from './support/server.js'
import {expectSound} from './support/sound.js'

const repository = fileURLToPath(new URL('..', import.meta.url))

// Every wait below ends with an event; browsers on a busy machine are slow to bring it.
vi.setConfig({testTimeout: 60_000})

const browser = useBrowser(launch)

/** Nothing in a browser's console, unless the test is about what belongs there. */
let people: Person[] = []
let expected: RegExp | undefined
afterEach(() => {
  const problems = people.flatMap(person => person.problems)
  const surprises = problems.filter(problem => !expected?.test(problem))
  people = []
  expected = undefined
  expect(surprises).toEqual([])
})

/** The example, as `npm start` serves it. */
async function example(port = 0): Promise<{url: string; program: Program}> {
  const program = candy(['start', '.', '--port', String(port)], {cwd: repository})
  return {url: await program.url(), program}
}

/** Somebody at the example, logged in if they have a name. */
async function person(url: string, name?: string, options?: BrowserContextOptions): Promise<Person> {
  const opened = await Person.open(browser(), url, options)
  people.push(opened)
  onTestFinished(() => opened.context.close())
  if (name !== undefined) await opened.logIn(name)
  // Until then the page still asks who it is, with a token that a logout or a login would end.
  else if (options?.javaScriptEnabled !== false) await opened.page.getByLabel('Your name').waitFor()
  return opened
}

describe('the room', () => {
  it('two people log in and talk, and see who comes and goes', async () => {
    const {url} = await example()
    const [ada, grace] = [await person(url, 'Ada'), await person(url, 'Grace')]
    await ada.reads('Grace joined')
    expect(await ada.people()).toEqual(['Ada (you)', 'Grace'])

    await ada.say('Hello from Ada')
    await grace.reads('Hello from Ada')
    await grace.say('Hello from Grace')
    await ada.reads('Hello from Grace')

    await grace.context.close()
    await ada.reads('Grace left')
    expect(await ada.people()).toEqual(['Ada (you)'])
  })

  it('who comes later reads what was said', async () => {
    const {url} = await example()
    const ada = await person(url, 'Ada')
    await ada.say('Said early')
    await ada.reads('Said early')
    await (await person(url, 'Grace')).reads('Said early')
  })

  it('shows who is typing, until they have said it or have stopped', async () => {
    const {url} = await example()
    const [ada, grace] = [await person(url, 'Ada'), await person(url, 'Grace')]
    const typing = ada.page.getByText('Grace is typing', {exact: true})

    await grace.message.pressSequentially('Hi')
    await typing.waitFor()
    await grace.message.press('Enter')
    await ada.reads('Hi')
    await typing.waitFor({state: 'detached'})

    await grace.message.pressSequentially('Hm')
    await typing.waitFor()
    await typing.waitFor({state: 'detached'})
    expect(await grace.message.inputValue()).toBe('Hm')
  })

  it('nobody types on whose window has gone', async () => {
    const {url} = await example()
    const [ada, grace] = [await person(url, 'Ada'), await person(url, 'Grace')]
    const typing = ada.page.getByText('Grace is typing', {exact: true})
    await grace.message.pressSequentially('Wait')
    await typing.waitFor()
    await grace.context.close()
    await ada.reads('Grace left')
    expect(await typing.count()).toBe(0)
  })

  it('a person with two windows is one person, who leaves with the last of them', async () => {
    const {url} = await example()
    const [ada, grace] = [await person(url, 'Ada'), await person(url, 'Grace')]
    const second = await grace.context.newPage()
    await second.goto(url)
    await second.locator('#room-state', {hasText: 'open'}).waitFor()
    await second.close()
    await grace.say('Still here')
    await ada.reads('Still here')
    expect(await ada.log.locator('.note').allTextContents()).toEqual(['Grace joined'])
    expect(await ada.people()).toEqual(['Ada (you)', 'Grace'])
  })

  it('shows what people typed as they typed it, names too', async () => {
    const {url} = await example()
    const markup = '<img src=x onerror=alert(1)>'
    const [mallory, ada] = [await person(url, markup), await person(url, 'Ada')]
    await mallory.say('<b>bold</b>')
    await ada.reads('<b>bold</b>')
    expect(await ada.people()).toEqual([markup, 'Ada (you)'])
    const form = await ada.notify(markup, '<i>hi</i>')
    await form.getByText(`Sent to ${markup}.`).waitFor()
    await mallory.toasts.getByText('<i>hi</i>').waitFor()
    for (const page of [ada.page, mallory.page, form])
      expect(await page.locator('img[src=x], #log b b, i').count()).toBe(0)
  })

  it('keeps its newest message in sight when the log shrinks, and an older one for who reads that', async () => {
    const {url} = await example()
    const [ada, grace] = [await person(url, 'Ada'), await person(url, 'Grace')]
    await ada.sayAtOnce(Array.from({length: 30}, (_, n) => `Message ${n + 1}`))
    await grace.reads('Message 30')
    await expect.poll(() => grace.sees('Message 30')).toBe(true)
    await grace.page.setViewportSize({width: 1280, height: 600})
    await expect.poll(() => grace.sees('Message 30')).toBe(true)

    await grace.log.getByText('Message 5', {exact: true}).scrollIntoViewIfNeeded()
    await ada.sayAtOnce(Array.from({length: 9}, (_, n) => `Later ${n + 1}`))
    await grace.reads('Later 9')
    await expect.poll(() => grace.sees('Message 5')).toBe(true)
    expect(await grace.sees('Later 9')).toBe(false)
  })

  it('says that nothing has been said, until something is', async () => {
    const {url} = await example()
    const ada = await person(url, 'Ada')
    await ada.reads('Nothing has been said here yet.')
    await ada.page.getByText('None yet.', {exact: true}).waitFor()
    await expectSound(ada.page, 'empty room')
    const grace = await person(url, 'Grace')
    await ada.reads('Grace joined')
    await grace.say('Hello')
    await ada.reads('Hello')
    await ada.notify('Grace', 'Hello to you')
    await grace.toasts.getByText('Hello to you').waitFor()
    for (const {page} of [ada, grace])
      expect(await page.getByText('Nothing has been said here yet.').isVisible()).toBe(false)
    expect(await grace.page.getByText('None yet.', {exact: true}).isVisible()).toBe(false)
  })

  it.each(['a/b', '../game', 'x'.repeat(31)])(
    'named %s is refused by the page itself, and nothing connects',
    async name => {
      const {url} = await example()
      const {page, received} = await person(url, 'Ada')
      await page.goto(`${url}/?room=${encodeURIComponent(name)}`)
      const problem = 'A room name has up to 30 letters, digits, spaces, _ or -.'
      await page.getByRole('alert').filter({hasText: problem}).waitFor()
      await page.locator('#room-state', {hasText: /^closed$/}).waitFor()
      await page.locator('#game-state', {hasText: /^open$/}).waitFor()
      expect([...received.keys()].filter(path => path.startsWith('/room/'))).toEqual(['/room/lobby'])
      await page.goto(`${url}/?room=${encodeURIComponent('Zürich_2 - b')}`)
      await page.locator('#room-state', {hasText: /^open$/}).waitFor()
    },
  )

  it('gives people colours that do not look alike, in every window the same', async () => {
    const {url} = await example()
    const people = [await person(url, 'Ada'), await person(url, 'Ada'), await person(url, 'Ada')]
    const seen: number[][] = []
    for (const one of people) {
      await expect.poll(() => one.people()).toHaveLength(3)
      const faces = one.page.locator('#people .face')
      seen.push(
        await faces.evaluateAll(all =>
          all.map(face => Number(getComputedStyle(face).getPropertyValue('--hue'))),
        ),
      )
    }
    const [a, b, c] = seen[0]! as [number, number, number]
    const apart = [a - b, b - c, c - a].map(Math.abs).map(angle => Math.min(angle, 360 - angle))
    expect(Math.min(...apart)).toBeGreaterThanOrEqual(60)
    expect(seen).toEqual([seen[0], seen[0], seen[0]])
  })

  it('a message the server refuses comes back, with the reason', async () => {
    const {url} = await example()
    const ada = await person(url, 'Ada')
    await ada.sayAtOnce([...Array.from({length: 40}, (_, n) => `${n + 1}`), 'one too many'])
    await ada.reads('40')
    await ada.page.getByRole('alert').filter({hasText: 'Not sent: Too many messages.'}).waitFor()
    expect(await ada.message.inputValue()).toBe('one too many')
  })

  it('what its class refuses comes back in the words of the class', async () => {
    const {url} = await example()
    const ada = await person(url, 'Ada')
    // Whoever writes more than the field takes is no browser, or has its own.
    await ada.message.evaluate(field => field.removeAttribute('maxlength'))
    const long = 'x'.repeat(501)
    await ada.message.fill(long)
    await ada.message.press('Enter')
    const alert = ada.page.getByRole('alert').filter({hasText: 'Not sent: That is more than 500 characters.'})
    await alert.waitFor()
    expect(await ada.message.inputValue()).toBe(long)
  })
})

describe('a notification', () => {
  it('reaches every window of one user, and nobody else', async () => {
    const {url} = await example()
    const [ada, grace, lin] = [await person(url, 'Ada'), await person(url, 'Grace'), await person(url, 'Lin')]
    const second = await grace.context.newPage()
    await second.goto(url)
    await second.locator('#notifications-state', {hasText: 'open'}).waitFor()

    const form = await ada.notify('Grace', 'Tea is ready')
    await form.getByText('Sent to Grace.').waitFor()
    for (const page of [grace.page, second])
      await page.getByRole('status', {name: 'New notifications'}).getByText('Tea is ready').waitFor()

    // What comes to the others first is what was sent to them later.
    await ada.notify('Lin', 'For Lin')
    await ada.notify('Ada (you)', 'For Ada')
    await lin.toasts.getByText('For Lin').waitFor()
    await ada.toasts.getByText('For Ada').waitFor()
    expect(await lin.notifications()).toEqual(['For Lin'])
    expect(await ada.notifications()).toEqual(['For Ada'])
  })

  it('is not heard by who names a room after its receiver', async () => {
    const {url} = await example()
    const [ada, mallory] = [await person(url, 'Ada'), await person(url, 'Mallory')]
    const welcome = ada.heard('/room/lobby')[0] as {people: {id: string}[]}
    const room = `user-${welcome.people[0]!.id}`
    await mallory.page.evaluate(async name => {
      const {Candy} = globalThis as unknown as {Candy: CandyClient}
      const game = Candy.ws(`/game?room=${name}`)
      await new Promise(resolve => game.on('open', () => resolve(undefined)))
      Object.assign(globalThis, {game})
    }, room)
    await ada.notify('Ada (you)', 'For Ada alone')
    await ada.toasts.getByText('For Ada alone').waitFor()
    await mallory.page.evaluate(() => {
      ;(globalThis as unknown as {game: {send(data: unknown): void}}).game.send({message: 'a move'})
    })
    const heard = () => mallory.heard(`/game?room=${room}`)
    await expect.poll(heard).toEqual([{type: 'chat', message: 'a move'}])
  })

  it('tells two people of one name apart', async () => {
    const {url} = await example()
    const [first, second] = [await person(url, 'Ada'), await person(url, 'Ada')]
    await expect.poll(() => first.people()).toHaveLength(2)
    const [me, other] = await first.people()
    expect(me).toMatch(/^Ada \([0-9a-f]{4}\) \(you\)$/)
    expect(other).toMatch(/^Ada \([0-9a-f]{4}\)$/)
    await first.notify(other!, 'For the other Ada')
    await second.toasts.getByText('For the other Ada').waitFor()
    await first.notify(me!, 'For this one')
    await first.toasts.getByText('For this one').waitFor()
    expect(await first.toasts.locator('.toast').count()).toBe(1)
    expect(await second.toasts.locator('.toast').count()).toBe(1)
  })

  it('is sent by a form that needs no JavaScript', async () => {
    const {url} = await example()
    const [ada, grace] = [await person(url, 'Ada'), await person(url, 'Grace')]
    const storageState = await ada.context.storageState()
    const plain = await person(url, undefined, {javaScriptEnabled: false, storageState})
    const form = await plain.notify('Grace', 'Sent without a script')
    expect(await form.title()).toBe('Sent to Grace. · Candy')
    await grace.toasts.getByText('Sent without a script').waitFor()
  })

  it('stays until it is dismissed, by its button or with Escape', async () => {
    const {url} = await example()
    const ada = await person(url, 'Ada')
    await ada.notify('Ada (you)', 'One')
    await ada.page.bringToFront()
    await ada.toasts.getByRole('button', {name: 'Dismiss'}).click()
    expect(await ada.toasts.textContent()).toBe('')
    await ada.notify('Ada (you)', 'Two')
    await ada.toasts.getByText('Two').waitFor()
    await ada.page.keyboard.press('Escape')
    expect(await ada.toasts.textContent()).toBe('')
    expect(await ada.page.locator('#received li').count()).toBe(2)
  })

  it.each([
    {width: 1280, most: 3},
    {width: 390, most: 1},
  ])('is one of $most at most that lie on the page at $width px; the list has them all', async size => {
    const {url} = await example()
    const ada = await person(url, 'Ada', {viewport: {width: size.width, height: 844}})
    const form = await ada.notify('Ada (you)', 'Number 1')
    for (const text of ['Number 2', 'Number 3', 'Number 4']) {
      await form.getByLabel('Text').fill(text)
      await form.getByRole('button', {name: 'Send'}).click()
      await ada.toasts.getByText(text).waitFor()
    }
    expect(await ada.toasts.locator('.toast').count()).toBe(size.most)
    expect(await ada.page.locator('#received li').count()).toBe(4)
  })

  it('to somebody who has just left says so, keeps the text, and asks for somebody else', async () => {
    expected = /422/
    const {url} = await example()
    const [ada, grace] = [await person(url, 'Ada'), await person(url, 'Grace')]
    const form = await ada.context.newPage()
    await form.goto(`${url}/notify`)
    await form.getByLabel('To').selectOption({label: 'Grace'})
    await form.getByLabel('Text').fill('Are you there?')
    await grace.context.close()
    await ada.reads('Grace left')
    await form.getByRole('button', {name: 'Send'}).click()
    await form.getByText('Not sent: that person has just left.').waitFor()
    expect(await form.getByLabel('Text').inputValue()).toBe('Are you there?')
    // And the next Send is for nobody until somebody is chosen.
    expect(await chosen(form)).toBe('Choose somebody')
    await form.getByRole('button', {name: 'Send'}).click()
    expect(await form.locator('select:invalid').count()).toBe(1)
  })

  it('keeps its receiver chosen, sent or not', async () => {
    expected = /422/
    const {url} = await example()
    const [ada] = [await person(url, 'Ada'), await person(url, 'Grace'), await person(url, 'Lin')]
    const form = await ada.notify('Lin', '   ')
    await form.getByText('Not sent: the text is empty.').waitFor()
    expect(await chosen(form)).toBe('Lin')
    await form.getByLabel('Text').fill('Tea is ready')
    await form.getByRole('button', {name: 'Send'}).click()
    await form.getByText('Sent to Lin.').waitFor()
    expect(await chosen(form)).toBe('Lin')
  })
})

describe('the game room', () => {
  it('is heard by those in it, and not in the next one', async () => {
    const {url} = await example()
    const [ada, grace, lin] = [await person(url, 'Ada'), await person(url, 'Grace'), await person(url, 'Lin')]
    await lin.page.getByLabel('Room', {exact: true}).selectOption('red')
    await lin.allOpen()
    await ada.page.getByRole('button', {name: 'Roll the die'}).click()
    for (const {page} of [ada, grace]) await page.getByText(/^Ada rolled [1-6]$/).waitFor()
    await lin.page.getByRole('button', {name: 'Roll the die'}).click()
    await lin.page.getByText(/^Lin rolled [1-6]$/).waitFor()
    expect(await lin.page.locator('#moves li').count()).toBe(1)
  })

  it('that is closed refuses, and the page says so in words', async () => {
    const {url} = await example()
    const ada = await person(url, 'Ada')
    await ada.page.getByLabel('Room', {exact: true}).selectOption('closed')
    await ada.state('game').filter({hasText: 'refused (4003 Forbidden)'}).waitFor()
    await ada.page.getByText('This room is closed (4003 Forbidden).').waitFor()
    expect(await ada.page.getByRole('button', {name: 'Roll the die'}).isDisabled()).toBe(true)
  })
})

describe('any route, frame by frame', () => {
  async function connectedTo(route: string) {
    const {url} = await example()
    const {page} = await person(url, 'Ada')
    await page.getByText('Any route, frame by frame').click()
    await page.getByLabel('Route').selectOption(route)
    await page.getByRole('button', {name: 'Connect'}).click()
    await page.locator('#raw-state', {hasText: 'open'}).waitFor()
    return page
  }

  it('shows what goes out and what comes', async () => {
    const page = await connectedTo('/echo')
    await page.locator('#raw-send').getByRole('button', {name: 'Send'}).click()
    await page.locator('.heard').waitFor()
    expect(await page.locator('#frames li').allTextContents()).toEqual([
      '{"type":"echo","text":"hi","ref":1}',
      '{"type":"reply","ref":1,"data":{"text":"hi"}}',
    ])
  })

  it('shows what is wrong with a message', async () => {
    const page = await connectedTo('/echo')
    await page.locator('#raw-send').getByRole('textbox').fill('{"type":"echo","text":7,"ref":2}')
    await page.locator('#raw-send').getByRole('button', {name: 'Send'}).click()
    const details = [{path: 'text', rule: 'isString', message: 'text must be a string'}]
    expect(JSON.parse((await page.locator('.heard').textContent())!)).toEqual({
      type: 'error',
      ref: 2,
      code: 'VALIDATION',
      message: expect.any(String),
      details,
    })
  })
})

describe('the connections', () => {
  it('logging out closes them all, in every tab, and shows the login', async () => {
    const {url} = await example()
    const [ada, grace] = [await person(url, 'Ada'), await person(url, 'Grace')]
    const second = await ada.context.newPage()
    await second.goto(url)
    await second.locator('#room-state', {hasText: 'open'}).waitFor()

    await ada.page.getByRole('button', {name: 'Log out'}).click()
    for (const page of [ada.page, second]) {
      await page.getByLabel('Your name').waitFor()
      await page.getByRole('status').filter({hasText: 'You are logged out.'}).waitFor()
      expect(await page.locator('#login-error').textContent()).toBe('')
      expect(await page.getByRole('button', {name: 'Log out'}).isVisible()).toBe(false)
    }
    await grace.reads('Ada left')
    // And in as somebody else.
    await ada.logIn('Lin')
    await grace.reads('Lin joined')
  })

  it('say that the server restarts, and come back by themselves', async () => {
    expected = /ERR_CONNECTION_REFUSED|WebSocket connection to/
    const {url, program} = await example()
    const [ada, grace] = [await person(url, 'Ada'), await person(url, 'Grace')]
    await program.terminate()
    for (const name of ['room', 'notifications', 'game'] as const)
      await ada.state(name).filter({hasText: 'reconnecting (1012 retry='}).waitFor()
    await ada.message.fill('typed meanwhile')
    expect(await ada.page.getByRole('button', {name: 'Send'}).first().isDisabled()).toBe(true)

    await example(Number(new URL(url).port))
    await ada.page.locator('#room-state', {hasText: /^open$/}).waitFor({timeout: 20_000})
    await grace.page.locator('#room-state', {hasText: /^open$/}).waitFor({timeout: 20_000})
    await ada.message.press('Enter')
    await grace.reads('typed meanwhile')
  })
})

describe('logging out', () => {
  it('is limited to sixty a minute from one address', async () => {
    expected = /429/
    const {url} = await example()
    const {page} = await person(url)
    const statuses = await page.evaluate(async () => {
      const answers: number[] = []
      while (answers.length < 61) {
        // A logout ends the session, and its tokens with it.
        const {token} = (await (await fetch('/_candy/token')).json()) as {token: string}
        const sent = {method: 'POST', headers: {'x-candy-token': token}}
        answers.push((await fetch('/logout', sent)).status)
      }
      return answers
    })
    expect(new Set(statuses.slice(0, 60))).toEqual(new Set([204]))
    expect(statuses[60]).toBe(429)
  })
})

describe('a page of another origin', () => {
  it('is served, gets no socket (403), and no token', async () => {
    expected = /403|CORS|ERR_FAILED|WebSocket/
    const {url} = await example()
    const victim = await person(url, 'Ada')
    const server = createServer((_, response) =>
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>elsewhere</title>'),
    )
    const port = await listen(server)
    onTestFinished(() => end(server))

    const page = await victim.context.newPage()
    const statusOf = await statusesOf(page)
    expect((await page.goto(`http://127.0.0.1:${port}`))!.status()).toBe(200)
    const seen = await page.evaluate(async home => {
      const socket = new WebSocket(`${home.replace('http', 'ws')}/functional/echo`)
      const closed = await new Promise<number>(resolve =>
        socket.addEventListener('close', ({code}) => resolve(code)),
      )
      const token = await fetch(`${home}/_candy/token`, {credentials: 'include'}).then(
        () => 'read',
        () => 'refused',
      )
      return {closed, token}
    }, url)
    expect(seen).toEqual({closed: 1006, token: 'refused'})
    await expect.poll(() => statusOf(`${url.replace('http', 'ws')}/functional/echo`)).toBe(403)
    await expect.poll(() => statusOf(`${url}/_candy/token`)).toBe(403)

    // The same page of the example's own origin gets both.
    const own = await victim.page.evaluate(async () => (await fetch('/_candy/token')).status)
    expect(own).toBe(200)
  })
})

describe('CSRF tokens', () => {
  it('a script sends one in x-candy-token: without it 403', async () => {
    expected = /403/
    const {url} = await example()
    const {page} = await person(url)
    const ask = (headers: Record<string, string>) =>
      page.evaluate(async sent => (await fetch('/me', {headers: sent})).status, headers)
    const token = await page.evaluate(
      async () => ((await (await fetch('/_candy/token')).json()) as {token: string}).token,
    )
    expect(await ask({})).toBe(403)
    expect(await ask({'x-candy-token': `${token}x`})).toBe(403)
    expect(await ask({'x-candy-token': token})).toBe(200)
  })

  it('a form sends one in the field _token: without it 403, and nothing is sent', async () => {
    expected = /403/
    const {url} = await example()
    const ada = await person(url, 'Ada')
    const form = await ada.context.newPage()
    await form.goto(`${url}/notify`)
    await form.getByLabel('Text').fill('forged')
    await form.locator('[name=_token]').evaluate(field => field.remove())
    const [answer] = await Promise.all([
      form.waitForResponse(`${url}/notify`),
      form.getByRole('button', {name: 'Send'}).click(),
    ])
    expect(answer.status()).toBe(403)
    await ada.notify('Ada (you)', 'not forged')
    await ada.toasts.getByText('not forged').waitFor()
    expect(await ada.notifications()).toEqual(['not forged'])
  })

  it('that are refused twice in a row end the connection: a third would be, too', async () => {
    const {url} = await example()
    const ada = await person(url, 'Ada')
    await ada.page.route('**/_candy/token', route =>
      route.fulfill({json: {token: 'x'.repeat(72), identity: 'nobody'}}),
    )
    const opened: string[] = []
    ada.page.on('websocket', socket => void (socket.url().includes('/game') && opened.push(socket.url())))
    await ada.page.getByLabel('Room', {exact: true}).selectOption('red')
    await ada.state('game').filter({hasText: 'refused (4002 Invalid token)'}).waitFor()
    expect(opened).toHaveLength(2)
  })

  it('of before the login is worth nothing after it', async () => {
    expected = /403/
    const {url} = await example()
    const ada = await person(url)
    const token = await ada.page.evaluate(
      async () => ((await (await fetch('/_candy/token')).json()) as {token: string}).token,
    )
    await ada.logIn('Ada')
    const status = await ada.page.evaluate(
      async old => (await fetch('/me', {headers: {'x-candy-token': old}})).status,
      token,
    )
    expect(status).toBe(403)
  })
})

describe('without a mouse', () => {
  it('one logs in, talks, plays and logs out', async () => {
    const {url} = await example()
    const grace = await person(url, 'Grace')
    const {page} = await person(url)
    await page.locator('#name:focus').waitFor()
    await page.keyboard.type('Ada')
    await page.keyboard.press('Enter')
    await page.locator('#text:focus').waitFor()
    await page.locator('#room-state', {hasText: 'open'}).waitFor()
    await page.keyboard.type('Typed blindly')
    await page.keyboard.press('Enter')
    await grace.reads('Typed blindly')

    await page.locator('#game-state', {hasText: 'open'}).waitFor()
    await tabTo(page, 'Roll the die')
    await page.keyboard.press('Enter')
    await grace.page.getByText(/^Ada rolled/).waitFor()
    await tabTo(page, 'Log out')
    await page.keyboard.press('Enter')
    await page.locator('#name:focus').waitFor()
  })

  it('where one is, is seen: every stop has an outline', async () => {
    const {url} = await example()
    const {page} = await person(url, 'Ada')
    const stops: string[] = []
    for (let n = 0; n < 30; n++) {
      await page.keyboard.press('Tab')
      const stop = await page.evaluate(() => {
        const element = document.activeElement
        if (!element || element === document.body) return undefined
        const {outlineStyle, outlineWidth} = getComputedStyle(element)
        return {
          name: element.id || element.textContent,
          seen: outlineStyle !== 'none' && outlineWidth !== '0px',
        }
      })
      if (!stop || stops.includes(stop.name)) continue
      expect(stop).toEqual({name: stop.name, seen: true})
      stops.push(stop.name)
    }
    expect(stops).toEqual(
      expect.arrayContaining(['logout', 'room-name', 'log', 'text', 'game-room', 'Roll the die']),
    )
  })
})

describe('a screen reader', () => {
  it('hears what others say, once and not in a flood, and nothing of what was said before', async () => {
    const {url} = await example()
    const ada = await person(url, 'Ada')
    await ada.say('Before Grace came')
    const grace = await person(url, 'Grace')
    await grace.reads('Before Grace came')
    const spoken = grace.page.locator('#spoken')
    await ada.say('Hello')
    await spoken.filter({hasText: 'Ada: Hello'}).waitFor({state: 'attached'})
    expect(await spoken.textContent()).toBe('Ada: Hello')
    await ada.sayAtOnce(['One', 'Two', 'Three', 'Four', 'Five'])
    await spoken.filter({hasText: '5 new messages'}).waitFor({state: 'attached'})
  })
})

describe('on a phone', () => {
  it('where one types stays in sight, however many are here and whatever the bar says', async () => {
    expected = /ERR_CONNECTION_REFUSED|WebSocket connection to/
    const {url, program} = await example()
    const viewport = {width: 320, height: 640}
    const ada = await person(url, 'A name of up to thirty letters', {viewport})
    for (const name of ['Grace', 'Katherine', 'Margaret']) await person(url, name)
    await ada.reads('Margaret joined')
    expect(await ada.page.evaluate(() => scrollY)).toBe(0)
    const inSight = async () => {
      const {y, height} = (await ada.message.boundingBox())!
      const bar = (await ada.page.getByRole('banner').boundingBox())!
      return y > bar.y + bar.height && y + height <= viewport.height
    }
    expect(await inSight()).toBe(true)
    await expect.poll(() => ada.sees('Margaret joined')).toBe(true)
    await program.terminate()
    await ada.state('game').filter({hasText: 'reconnecting (1012 retry='}).waitFor()
    expect(await inSight()).toBe(true)
    await expect.poll(() => ada.sees('Margaret joined')).toBe(true)
  })
})

describe('the pages', () => {
  it('begin at the same place, be it the login or the form', async () => {
    const {url} = await example()
    const {page} = await person(url)
    const titleAt = async (name: string) => {
      const {x, y} = (await page.getByRole('heading', {name}).boundingBox())!
      return {x, y}
    }
    const login = await titleAt('Who is there?')
    await page.getByLabel('Your name').fill('Ada')
    await page.getByRole('button', {name: 'Log in'}).click()
    await page.locator('#room-state', {hasText: 'open'}).waitFor()
    await page.goto(`${url}/notify`)
    expect(await titleAt('Send a notification')).toEqual(login)
  })
})

const sizes = [
  {width: 320, height: 640},
  {width: 1280, height: 800},
]
describe.each(['light', 'dark'] as const)('in %s', colorScheme => {
  it.each(sizes)(
    'axe finds no violation in any view at $width px, and nothing is wider',
    async viewport => {
      expected = /4003|WebSocket/
      const {url} = await example()
      const ada = await person(url, undefined, {colorScheme, viewport})
      await ada.page.getByLabel('Your name').waitFor()
      await expectSound(ada.page, 'login')

      await ada.logIn('Ada')
      const grace = await person(url, 'Grace')
      await grace.say(
        'A line that is long enough to be broken on a small screen, and https://example.com/a-long-address',
      )
      await ada.say('And an answer')
      await grace.message.pressSequentially('Hm')
      const form = await ada.notify('Ada (you)', 'Tea is ready')
      await ada.page.bringToFront()
      await ada.toasts.getByText('Tea is ready').waitFor()
      await expectSound(ada.page, 'room')

      await ada.page.keyboard.press('Escape')
      await ada.page.getByText('Any route, frame by frame').click()
      await ada.page.getByRole('button', {name: 'Connect'}).click()
      await ada.page.locator('.heard').waitFor()
      await ada.page.getByLabel('Room', {exact: true}).selectOption('closed')
      await ada.state('game').filter({hasText: 'refused'}).waitFor()
      await expectSound(ada.page, 'frames and a refusal')

      await expectSound(form, 'sent')
      await form.goto(`${url}/notify`)
      await expectSound(form, 'notify')
    },
    30_000,
  )
})

/** Whom the form for notifications is for. */
async function chosen(form: Page): Promise<string> {
  return form.getByLabel('To').evaluate(select => (select as HTMLSelectElement).selectedOptions[0]!.label)
}

async function tabTo(page: Page, name: string): Promise<void> {
  for (let n = 0; n < 30; n++) {
    await page.keyboard.press('Tab')
    if ((await page.evaluate(() => document.activeElement?.textContent)) === name) return
  }
  throw new Error(`thirty Tabs did not reach ${name}`)
}

/** The HTTP status of what a page asks for, sockets too: what the page itself is not told. */
async function statusesOf(page: Page): Promise<(url: string) => number | undefined> {
  const urls = new Map<string, string>()
  const statuses = new Map<string, number>()
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  session.on('Network.webSocketCreated', ({requestId, url}) => urls.set(requestId, url))
  session.on('Network.requestWillBeSent', ({requestId, request}) => urls.set(requestId, request.url))
  session.on('Network.webSocketHandshakeResponseReceived', ({requestId, response}) =>
    statuses.set(requestId, response.status),
  )
  session.on('Network.responseReceivedExtraInfo', ({requestId, statusCode}) =>
    statuses.set(requestId, statusCode),
  )
  page.on('console', message => {
    // A handshake that failed is told in the console alone.
    const failed = /WebSocket connection to '([^']+)' failed.*response code: (\d+)/.exec(message.text())
    if (failed) statuses.set(failed[1]!, Number(failed[2]))
  })
  // Joined when asked: the protocol promises no order between a request and its status.
  return url => {
    const request = [...urls].findLast(([id, requested]) => requested === url && statuses.has(id))
    return statuses.get(request?.[0] ?? url)
  }
}
