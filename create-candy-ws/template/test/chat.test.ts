import {createApp, type App} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {ChatController} from '../controllers/chat.js'

let app: App

beforeEach(async () => {
  app = await createApp({controllers: [ChatController]})
})
afterEach(() => app.close())

it('tells everybody in the room what was said', async () => {
  const ada = await connect(app, '/chat/lobby')
  const grace = await connect(app, '/chat/lobby')

  ada.send({type: 'say', name: 'Ada', text: 'Hello', ref: 1})

  const said = {name: 'Ada', text: 'Hello', at: expect.any(Number)}
  expect(await grace.next()).toEqual({type: 'said', ...said})
  expect(await ada.next()).toEqual({type: 'said', ...said})
  expect(await ada.next()).toEqual({type: 'reply', ref: 1, data: said})
})

it('refuses a message without a word in it, and names the field', async () => {
  const ada = await connect(app, '/chat/lobby')

  ada.send({type: 'say', name: 'Ada', text: '   ', ref: 1})

  expect(await ada.next()).toMatchObject({
    type: 'error',
    ref: 1,
    code: 'VALIDATION',
    details: [{path: 'text', message: 'There is nothing in it to say'}],
  })
})
