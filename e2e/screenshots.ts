/// <reference lib="dom" />
// Writes the pictures of the README: `npm run screenshots`, after `npm run build` at the root.
import crypto from 'node:crypto'
import {fileURLToPath} from 'node:url'
import {createApp} from 'candy-ws'
import type {Page} from 'playwright-core'
import sharp from 'sharp'
import {launch} from './support/browser.js'
import {Person} from './support/person.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const silent = {debug() {}, info() {}, warn() {}, error: console.error}

// Ids are drawn at random, and with them the colours of people: here they are the same each time.
const ids = ['000b', '0009', '0005'].map(head => `${head}0000-0000-4000-8000-000000000000` as const)
crypto.randomUUID = () => ids.shift()!

const app = await createApp({
  dir: root,
  secret: 'a secret for pictures, of more than 32 characters',
  logger: silent,
})
const {url} = await app.listen({port: 0})
const browser = await launch()

const window = {viewport: {width: 1200, height: 720}, deviceScaleFactor: 1.5}
const ada = await Person.open(browser, url, window)
await ada.logIn('Ada')
const grace = await Person.open(browser, url, {...window, colorScheme: 'dark'})
await grace.logIn('Grace')
const lin = await Person.open(browser, url, {viewport: {width: 360, height: 700}, deviceScaleFactor: 2})
await lin.logIn('Lin')

const talk: [Person, string][] = [
  [ada, 'The room opens one socket per window, and one controller per socket.'],
  [grace, 'And where is the list of who is here?'],
  [ada, 'In a singleton service. It outlives the connections.'],
  [lin, 'I am on the train, so mine closes every few minutes.'],
  [lin, 'It comes back by itself.'],
  [grace, 'Notifications next?'],
]
for (const [speaker, text] of talk) {
  await speaker.say(text)
  for (const person of [ada, grace, lin]) await person.reads(text)
}
for (const {page} of [grace, ada]) {
  await page.getByRole('button', {name: 'Roll the die'}).click()
  await page
    .getByText(/rolled/)
    .first()
    .waitFor()
}
await grace.message.focus()
await ada.message.pressSequentially('On their way')
await grace.page.getByText('Ada is typing').waitFor()
await picture(lin.page, 'phone')
await grace.message.pressSequentially('Can you')
await ada.page.getByText('Grace is typing').waitFor()
await picture(ada.page, 'light')

const form = await ada.context.newPage()
await form.setViewportSize({width: 560, height: 700})
await form.goto(`${url}/notify`)
await form.getByLabel('To').selectOption({label: 'Grace'})
await form.getByLabel('Text').fill('You are on next, stage two.')
await picture(form, 'form')
await form.getByRole('button', {name: 'Send'}).click()
await grace.toasts.getByText('You are on next').waitFor()
await ada.page.bringToFront()
await ada.message.pressSequentially('!')
await grace.page.getByText('Ada is typing').waitFor()
await picture(grace.page, 'dark')

for (const [person, name] of [
  [ada, 'light'],
  [grace, 'dark'],
] as const)
  await picture(await workbench(person), name, 'workbench')

await browser.close()
await app.close()

/** Somebody at the app's own page, in the room, with something to put right. */
async function workbench(person: Person): Promise<Page> {
  const page = await person.context.newPage()
  await page.setViewportSize({width: 1200, height: 760})
  await page.goto(`${url}/_candy/#ws/room/%7Bid%7D`)
  await page.getByLabel('Parameter id').fill('lobby')
  await page.getByRole('button', {name: 'Connect'}).click()
  const heard = (text: string) => page.getByRole('option', {name: text}).last().waitFor()
  await heard('welcome')
  await lin.say('Is the new room up?')
  await heard('Is the new room up?')
  for (const text of ['It is. I am in it from the workbench.', ' ']) {
    const answered = page.locator('.frame', {hasText: /reply|VALIDATION/})
    const before = await answered.count()
    await page.getByLabel('text', {exact: true}).fill(text)
    await page.getByRole('button', {name: 'Send'}).first().click()
    await answered.nth(before).waitFor()
  }
  await lin.say('I see it.')
  await heard('I see it.')
  await page.getByRole('option', {name: 'VALIDATION'}).click()
  await page.getByLabel('text', {exact: true}).focus()
  return page
}

async function picture(page: Page, name: string, of = 'example'): Promise<void> {
  // A toast slides in; its picture is of where it ends.
  await page.evaluate(() => Promise.all(document.getAnimations().map(animation => animation.finished)))
  const whole = await page.screenshot()
  // A page has few colours: a palette shows them all, in a third of the bytes.
  await sharp(whole).png({palette: true, effort: 10, dither: 0}).toFile(`${root}docs/${of}-${name}.png`)
}
