import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {Browser} from './support/browser.js'
import {serve} from './support/serve.js'

const dir = join(import.meta.dirname, '..')

/** Ada, in a room of the app that lies in this repository. */
async function inRoom() {
  const {url} = await serve({dir})
  const browser = new Browser(url)
  await browser.post('/login', {name: 'Ada'})
  const client = await browser.connect('/room/lobby')
  expect(await client.next()).toMatchObject({type: 'welcome', history: []})
  return {browser, client}
}

describe('The example: what is said in a room', () => {
  it('is refused where it is too long or nothing, and none of it is kept', async () => {
    const {browser, client} = await inRoom()
    const refusalOf = async (text: unknown) => {
      client.send({type: 'say', text, ref: 1})
      const {details, ...refusal} = await client.next<{details: {message: string}[]}>()
      expect(refusal).toMatchObject({type: 'error', ref: 1, code: 'VALIDATION'})
      return details[0]!.message
    }
    for (const text of ['x'.repeat(501), ` ${'x'.repeat(60_000)} `])
      expect(await refusalOf(text)).toBe('That is more than 500 characters')
    for (const text of ['', ' ', ' '.repeat(60_000), undefined, 7, {toString: 1}, ['x'.repeat(501)]])
      expect(await refusalOf(text)).toBe('There is nothing in it to say')
    const other = await browser.connect('/room/lobby')
    expect(await other.next()).toMatchObject({type: 'welcome', history: []})
  })

  it('comes to everybody and stays in the history, up to 500 characters of it', async () => {
    const {browser, client} = await inRoom()
    const text = 'x'.repeat(500)
    client.send({type: 'say', text})
    expect(await client.next()).toMatchObject({type: 'said', text, from: {name: 'Ada'}})
    const other = await browser.connect('/room/lobby')
    expect(await other.next()).toMatchObject({type: 'welcome', history: [{type: 'said', text}]})
  })
})

describe('The example: a game room', () => {
  it('is refused with 4003 where its name is no name, before it is joined', async () => {
    const {url, log} = await serve({dir})
    const browser = new Browser(url)
    for (const room of ['closed', 'x'.repeat(200), '%0a', '7%20'])
      expect(await (await browser.connect(`/game?room=${room}`)).closed).toMatchObject({code: 4003})
    const blue = await browser.connect('/game?room=blue')
    blue.send({message: 'hi'})
    expect(await blue.next()).toEqual({type: 'chat', message: 'hi'})
    expect(log.errors()).toEqual([])
  })
})
