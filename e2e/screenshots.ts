/// <reference lib="dom" />
// Writes the pictures of the README: `npm run screenshots`, after `npm run build` at the root.
import crypto from 'node:crypto'
import {fileURLToPath} from 'node:url'
import {createApp} from 'candy-ws'
import type {Page} from 'playwright-core'
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

await browser.close()
await app.close()

async function picture(page: Page, name: string): Promise<void> {
  // A toast slides in; its picture is of where it ends.
  await page.evaluate(() => Promise.all(document.getAnimations().map(animation => animation.finished)))
  await page.screenshot({path: `${root}docs/example-${name}.png`})
}
