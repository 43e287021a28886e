import {CandyError, createApp, OnMessage, Token, User, WsRoute} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {describe, expect, it, onTestFinished} from 'vitest'
import {memoryLogger} from '../support/log.js'

class Broken {
  constructor() {
    throw new Error('cannot be made')
  }
}

@WsRoute('/odd')
@Token(false)
class Odd {
  @OnMessage('code') code() {
    throw new CandyError(404n as never, 'a code that JSON has no form for')
  }
  @OnMessage('function') fn() {
    return () => 'never said'
  }
  @OnMessage('both', {args: [User(), Broken]}) both() {}
}

describe('what no author should write', () => {
  it('ends neither the process nor the connection', async () => {
    const {injectable} = await import('candy-ws')
    injectable()(Broken)
    const log = memoryLogger()
    const auth = () => Promise.reject(new Error('the session store is away'))
    const app = await createApp({controllers: [Odd], logger: log, auth})
    onTestFinished(() => app.close())
    const client = await connect(app, '/odd')
    client.send({type: 'code', ref: 1})
    expect(await client.next()).toMatchObject({type: 'error', ref: 1, code: '404'})
    client.send({type: 'function', ref: 2})
    expect(await client.next()).toMatchObject({type: 'error', ref: 2, code: 'INTERNAL'})
    client.send({type: 'both', ref: 3})
    expect(await client.next()).toMatchObject({type: 'error', ref: 3, code: 'INTERNAL'})
    expect(log.errors()).toHaveLength(3)
    expect((await client.close(1000)).code).toBe(1000)
  })
})
