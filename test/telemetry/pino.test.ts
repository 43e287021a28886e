import {connect} from 'candy-ws/testing'
import {PassThrough} from 'node:stream'
import {text} from 'node:stream/consumers'
import pino from 'pino'
import {expect, it} from 'vitest'
import {serve} from '../support/serve.js'

it('pino fits as it is: fields, then the message', async () => {
  const stream = new PassThrough()
  const {app, url} = await serve({logger: pino({level: 'debug'}, stream)}, ({Route}) => {
    Route.ws(
      '/room/{id}',
      () => {
        throw new TypeError('boom')
      },
      {token: false},
    )
  })
  await (
    await connect(app, '/room/7', {token: false})
  ).closed
  await connect(url, '/room/7').catch(() => undefined)
  await app.close()
  const lines = (await text(stream.end()))
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as object)
  const ours = {time: expect.any(Number), pid: process.pid}
  expect(lines).toContainEqual(
    expect.objectContaining({...ours, level: 20, event: 'limits', msg: 'the limits in effect'}),
  )
  expect(lines).toContainEqual(
    expect.objectContaining({
      ...ours,
      level: 50,
      msg: 'the connect handler threw',
      route: '/room/{id}',
      connection: expect.any(String),
      error: 'TypeError: boom',
      stack: expect.stringContaining('pino.test'),
    }),
  )
})
