/// <reference lib="dom" />
import {createApp} from 'candy-ws'
import {expect, it, onTestFinished, vi} from 'vitest'
import {memoryLogger} from '../test/support/log.js'
import {ask, handshake} from '../test/support/raw.js'
import {launch, useBrowser} from './support/browser.js'

vi.setConfig({testTimeout: 60_000})

const browser = useBrowser(launch)

interface Outcome {
  readonly protocol: string
  readonly code: number
  readonly reason: string
}

it('row 10: a browser is given candy.v1, and can read why it is refused', async () => {
  const app = await createApp({logger: memoryLogger()})
  onTestFinished(() => app.close({drain: 500}))
  app.Route.ws('/x', Candy => Candy.ws.close(4999, 'let in'))
  app.Route.page('/', () => '<p>here')
  const {url, port} = await app.listen({port: 0})
  const context = await browser().newContext()
  onTestFinished(() => context.close())
  const page = await context.newPage()
  await page.goto(url)

  const {token, outcomes} = await page.evaluate(async () => {
    const answer = await fetch('/_candy/token')
    const {token} = (await answer.json()) as {token: string}
    const open = (...offers: string[]) =>
      new Promise<Outcome>(resolve => {
        const socket = new WebSocket(`ws://${location.host}/x`, offers)
        socket.addEventListener('close', ({code, reason}) =>
          resolve({protocol: socket.protocol, code, reason}),
        )
      })
    const outcomes = [
      await open('candy.v1', `candy-token-${token}`),
      await open(`candy-token-${token}`, 'candy.v1'),
      await open('candy.v1', 'candy-token-bad'),
      await open('candy.v1'),
      await open(`candy-token-${token}`),
      await open(),
    ]
    return {token, outcomes}
  })
  const letIn = {protocol: 'candy.v1', code: 4999, reason: 'let in'}
  expect(outcomes).toEqual([
    letIn,
    letIn,
    {protocol: 'candy.v1', code: 4002, reason: 'Invalid token'},
    {protocol: 'candy.v1', code: 4002, reason: 'Missing token'},
    {...letIn, protocol: `candy-token-${token}`},
    {protocol: '', code: 4002, reason: 'Missing token'},
  ])
  const offered = {'Sec-WebSocket-Protocol': `candy.v1, candy-token-${token}`}
  const {headers} = await ask(port, handshake('/x', offered))
  expect([...headers.values()].join()).not.toContain(token)
})
