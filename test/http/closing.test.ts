import {createApp} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {get, type IncomingMessage} from 'node:http'
import {expect, it} from 'vitest'
import {makeFolder, removeFolders} from '../support/app-folder.js'

it('an answer that is under way when the app closes arrives whole', async () => {
  const size = 30_000_000
  const app = await createApp({dir: makeFolder({'public/big.txt': 'x'.repeat(size)})})
  const {url} = await app.listen({port: 0})
  const response = await new Promise<IncomingMessage>(resolve => get(`${url}/big.txt`, resolve))
  const closed = app.close({drain: 8_000})
  let received = 0
  for await (const chunk of response) received += (chunk as Buffer).length
  await closed
  removeFolders()
  expect(received).toBe(size)
})

it('a connect handler may close the app: its own client is told, too', async () => {
  const app = await createApp()
  let closed: Promise<void> | undefined
  app.Route.ws('/last', () => void (closed = app.close({drain: 3_000})), {token: false})
  const client = await connect(app, '/last')
  expect(await client.closed).toMatchObject({code: 1012})
  await closed
})
