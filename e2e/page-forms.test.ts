/// <reference lib="dom" />
import type {Locator} from 'playwright-core'
import {describe, expect, it, vi} from 'vitest'
import {functions, OrdersController} from './support/shop.js'
import {appWith, useWorkbench, Workbench} from './support/workbench.js'

vi.setConfig({testTimeout: 60_000})

useWorkbench()

/** Connected to /orders, which takes a message of every kind. */
async function orders(): Promise<Workbench> {
  const {url} = await appWith({controllers: [OrdersController], routes: [functions]})
  const workbench = await Workbench.open(`${url}#ws/orders`)
  await workbench.connect()
  return workbench
}

/** A field by its place in the message. */
function fieldOf(card: Locator, ...path: string[]): Locator {
  return path.reduce(
    (within, name) =>
      within.locator('.field', {
        has: card.page().locator(`> .field-head > .name`, {hasText: new RegExp(`^${name}$`)}),
      }),
    card,
  )
}

const inputOf = (field: Locator) => field.locator('input, textarea, select').first()

/** Sends, and tells what was sent. */
async function send(workbench: Workbench, card: Locator): Promise<unknown> {
  const {page} = workbench
  const before = await workbench.frame('sent').count()
  await card.getByRole('button', {name: 'Send', exact: true}).click()
  await expect.poll(() => workbench.frame('sent').count()).toBe(before + 1)
  await workbench.frame('sent').last().click()
  const text = await page.getByRole('region', {name: 'Chosen frame'}).locator('pre').innerText()
  await page.keyboard.press('Escape')
  return JSON.parse(text) as unknown
}

describe('a form', () => {
  it('has a field for each field of the class, and of the classes in it', async () => {
    const workbench = await orders()
    const card = workbench.card('order')
    await inputOf(fieldOf(card, 'lines', '0', 'sku')).fill('ABC-1')
    await inputOf(fieldOf(card, 'lines', '0', 'count')).fill('2')
    await inputOf(fieldOf(card, 'to', 'street')).fill('Main Street 1\nBackyard')
    await inputOf(fieldOf(card, 'by')).selectOption('drone')
    await inputOf(fieldOf(card, 'gift')).check()
    expect(await send(workbench, card)).toEqual({
      type: 'order',
      lines: [{sku: 'ABC-1', count: 2}],
      to: {street: 'Main Street 1\nBackyard'},
      by: 'drone',
      gift: true,
      ref: expect.any(Number) as number,
    })
    await card.getByText(/^Reply after/).waitFor()
    expect(await card.getByLabel('The reply').innerText()).toBe('{\n  "pieces": 2\n}')
  })

  it('adds items to a list and takes them away, leaves fields out and takes them in', async () => {
    const workbench = await orders()
    const card = workbench.card('order')
    await inputOf(fieldOf(card, 'lines', '0', 'sku')).fill('ABC-1')
    await card.getByRole('button', {name: 'Add an item'}).click()
    await inputOf(fieldOf(card, 'lines', '1', 'sku')).fill('ABC-2')
    await card.getByRole('button', {name: 'Remove item 0', exact: true}).click()
    await card.getByRole('button', {name: 'Leave out gift'}).click()
    await card.getByRole('button', {name: 'Leave out to'}).click()
    await card.getByRole('button', {name: 'Left out. Add it: note'}).click()
    await workbench.page.keyboard.type('Ring twice')
    await card.getByLabel('Ask for a reply').uncheck()
    expect(await send(workbench, card)).toEqual({
      type: 'order',
      lines: [{sku: 'ABC-2', count: ''}],
      by: 'post',
      note: 'Ring twice',
    })
  })

  it('sends what is wrong as it was typed, and shows each fault at its field', async () => {
    const workbench = await orders()
    const card = workbench.card('order')
    await card.getByRole('button', {name: 'Add an item'}).click()
    await inputOf(fieldOf(card, 'lines', '0', 'sku')).fill('ABC-1')
    await inputOf(fieldOf(card, 'lines', '0', 'count')).fill('two')
    await inputOf(fieldOf(card, 'lines', '1', 'sku')).fill('abc')
    await inputOf(fieldOf(card, 'lines', '1', 'count')).fill('1')
    await inputOf(fieldOf(card, 'to', 'street')).fill('Main Street')
    await card.getByRole('button', {name: 'Leave out gift'}).click()
    await card.getByRole('button', {name: 'Send', exact: true}).click()
    await card.getByText('VALIDATION', {exact: true}).waitFor()
    const invalid = card.locator('[aria-invalid=true]')
    expect(await invalid.first().evaluate(input => input === document.activeElement)).toBe(true)
    expect(await describing(invalid.first())).toContain('count must be an integer number')
    const faults = await card.locator('.fault:visible').evaluateAll(all =>
      all.map(fault => {
        const names: string[] = []
        for (let field = fault.parentElement; field; field = field.parentElement!.closest('.field'))
          names.unshift(field.querySelector('.name')!.textContent)
        return names.join('.')
      }),
    )
    expect(faults).toEqual(['lines.0.count', 'lines.1.sku', 'gift'])
    expect(await invalid.count()).toBe(2)
    const sent = (await send(workbench, card)) as {lines: unknown}
    expect(sent.lines).toEqual([
      {sku: 'ABC-1', count: 'two'},
      {sku: 'abc', count: 1},
    ])
  })

  it('shows what fits no field above the form, and details of the app’s own', async () => {
    const workbench = await orders()
    const card = workbench.card('order')
    await inputOf(fieldOf(card, 'lines', '0', 'sku')).fill('ABC-1')
    await inputOf(fieldOf(card, 'lines', '0', 'count')).fill('1')
    await inputOf(fieldOf(card, 'to', 'street')).fill('Main Street')
    await card.getByRole('button', {name: 'Left out. Add it: note'}).click()
    await workbench.page.keyboard.type('closed')
    await send(workbench, card)
    await card.getByText('CLOSED', {exact: true}).waitFor()
    expect(await card.getByLabel('Details').innerText()).toBe('{\n  "opens": "08:00"\n}')

    await card.getByText('Raw', {exact: true}).click()
    const raw = card.getByLabel('The message, as it is sent')
    await raw.fill((await raw.inputValue()).replace('"by": "post"', '"wrapped": true'))
    await send(workbench, card)
    await card.getByText('wrapped: property wrapped should not exist').waitFor()
    await card.getByText(/^by: /).waitFor()
    const outcome = (await card.getByText('wrapped: property').boundingBox())!
    expect(outcome.y).toBeLessThan((await raw.boundingBox())!.y)
  })

  it('becomes the raw message, and the raw message the form', async () => {
    const workbench = await orders()
    const card = workbench.card('order')
    await inputOf(fieldOf(card, 'lines', '0', 'sku')).fill('ABC-7')
    await card.getByText('Raw', {exact: true}).click()
    const raw = card.getByLabel('The message, as it is sent')
    const message = JSON.parse(await raw.inputValue()) as {lines: unknown[]}
    expect(message).toMatchObject({type: 'order', lines: [{sku: 'ABC-7'}], ref: expect.any(Number) as number})
    await raw.fill(
      JSON.stringify({...message, lines: [{sku: 'ABC-8', count: 8}, {sku: 'ABC-9'}], note: 'Hi'}),
    )
    await card.getByText('Form', {exact: true}).click()
    expect(await inputOf(fieldOf(card, 'lines', '1', 'sku')).inputValue()).toBe('ABC-9')
    expect(await inputOf(fieldOf(card, 'note')).inputValue()).toBe('Hi')
    await card.getByText('Raw', {exact: true}).click()
    await raw.fill('{"type": "order", no JSON')
    await card.getByText('Form', {exact: true}).click()
    expect(await inputOf(fieldOf(card, 'note')).inputValue()).toBe('Hi')
  })

  it('of a class that holds itself is as deep as somebody asks for', async () => {
    const workbench = await orders()
    const card = await workbench.open('tree')
    await inputOf(fieldOf(card, 'name')).fill('trunk')
    await card.getByRole('button', {name: 'Left out. Add it: branches'}).click()
    await card.getByRole('button', {name: 'Add an item'}).first().click()
    await workbench.page.keyboard.type('twig')
    expect(await send(workbench, card)).toMatchObject({name: 'trunk', branches: [{name: 'twig'}]})
    await card.getByText('Schema and reply').click()
    const table = card.getByRole('table')
    await table.getByRole('button', {name: 'list of Branch'}).click()
    await table.getByRole('button', {name: 'list of Branch'}).nth(1).click()
    expect(await table.locator('th code:visible').allInnerTexts()).toEqual(
      Array.from({length: 3}, () => ['name', 'branches']).flat(),
    )
  })

  it('is a text of JSON where nothing is declared, and a button where there is nothing to say', async () => {
    const workbench = await orders()
    const anything = await workbench.open('anything')
    await anything.getByLabel('Fields of the message, as JSON').fill('{"any": ["thing"]}')
    expect(await send(workbench, anything)).toMatchObject({type: 'anything', any: ['thing']})
    await anything.getByLabel('The reply').getByText('"thing"').waitFor()
    await anything.getByLabel('Fields of the message, as JSON').fill('[1, 2]')
    await anything.getByRole('button', {name: 'Send'}).click()
    await anything.getByText('That is no JSON object. Raw sends any text.').waitFor()
    const ping = await workbench.open('ping')
    expect(await send(workbench, ping)).toEqual({type: 'ping', ref: expect.any(Number) as number})
    expect(await ping.getByLabel('The reply').innerText()).toBe('null')
  })

  it('sends bytes, in hex or of a file', async () => {
    const workbench = await orders()
    const card = await workbench.open('bytes')
    await card.getByLabel('Bytes in hex').fill('01 02 zz')
    await card.getByRole('button', {name: 'Send'}).click()
    await card.getByText('That is no hex.').waitFor()
    await card.getByLabel('Bytes of a file').setInputFiles({
      name: 'three.bin',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from([1, 2, 255]),
    })
    await expect.poll(() => card.getByLabel('Bytes in hex').inputValue()).toBe('01 02 ff')
    await card.getByRole('button', {name: 'Send'}).click()
    await workbench.frame(/received\s*binary ff 02 01\s*3 B/).click()
    expect(await workbench.page.getByLabel('The frame', {exact: true}).innerText()).toMatch(
      /^000000 {2}ff 02 01 +\.\.\.$/,
    )
  })

  it('says that nothing is sent without a connection, and that a reply never came', async () => {
    const workbench = await orders()
    const ping = await workbench.open('leave')
    await ping.getByRole('button', {name: 'Send'}).click()
    await workbench.state('Not connected')
    await ping.getByText('The connection closed before a reply came.').waitFor()
    expect(await workbench.why.innerText()).toMatch(
      /^Closed with 4321 As you wish\. A code of this app’s own/,
    )
    await ping.getByRole('button', {name: 'Send'}).click()
    await ping.getByText('Not sent: connect first.').waitFor()
  })

  it('any text can be sent', async () => {
    const workbench = await orders()
    const raw = await workbench.open('raw')
    await raw.getByLabel('Text or JSON').fill('no JSON at all')
    await raw.getByLabel('Text or JSON').press('Control+Enter')
    await workbench.frame('BAD_JSON').waitFor()
    await raw.getByLabel('Text or JSON').fill('{"type": "unheard", "ref": "mine"}')
    await raw.getByRole('button', {name: 'Send'}).click()
    await raw.getByText('UNKNOWN_TYPE').waitFor()
    await raw.getByText('no handler takes a message of this type').waitFor()
  })
})

describe('over HTTP', () => {
  it('a route is asked with its parameter, query and token', async () => {
    const workbench = await orders()
    const {page} = workbench
    await workbench.choose('get/orders/{id}')
    await page.getByLabel('Parameter id').fill('a b')
    await page.getByLabel('Query').fill('full=1')
    await page.getByRole('button', {name: 'Send', exact: true}).click()
    await page.getByText('200 OK').waitFor()
    expect(JSON.parse(await page.getByLabel('Body of the response').innerText())).toEqual({
      id: 'a b',
      query: {full: '1'},
    })
    await page.getByRole('switch', {name: 'Token'}).uncheck()
    await page.getByRole('button', {name: 'Send', exact: true}).click()
    await page.getByText('403 Forbidden').waitFor()
    expect(await page.getByLabel('Body of the response').innerText()).toContain('Missing token')
    workbench.problems.splice(0)
  })

  it('a body is fields, or JSON', async () => {
    const {url} = await appWith({
      routes: [
        Candy => {
          Candy.Route.post('/say', Candy => Candy.Request.data.post, {token: false})
        },
      ],
    })
    const {page} = await Workbench.open(url)
    const body = page.getByLabel('Body of the response')
    const ask = () => page.getByRole('button', {name: 'Send', exact: true}).click()
    await page.getByLabel('Name of the field').fill('name')
    await page.getByLabel('Value of the field').fill('Ada')
    await page.getByRole('button', {name: 'Add a field'}).click()
    await page.keyboard.type('age')
    await ask()
    await expect.poll(() => body.innerText()).toBe('{\n  "name": "Ada",\n  "age": ""\n}')
    await page.getByText('JSON', {exact: true}).click()
    await page.getByLabel('Body as JSON').fill('{"deep": {"list": [1]}}')
    await ask()
    await expect.poll(() => body.innerText()).toContain('"list": [\n      1\n    ]')
  })
})

/** What describes an input. */
function describing(input: Locator): Promise<string> {
  return input.evaluate(element => {
    const ids = element.getAttribute('aria-describedby')?.split(' ') ?? []
    return ids.map(id => document.getElementById(id)?.textContent).join(' ')
  })
}
