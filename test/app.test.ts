import {Body, Candy, createApp, OnMessage, OnOpen, Param, Token, WsRoute, type App} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {afterEach, expect, it} from 'vitest'

let app: App
afterEach(() => app.close())

@WsRoute('/room/<id>')
@Token(false)
class Room {
  constructor(private readonly candy: Candy) {}
  @OnOpen() opened(@Param('id') id: string) {
    this.candy.ws.join(id)
  }
  @OnMessage('say') say(@Body() message: {text: string}, candy: Candy) {
    candy.ws.to(candy.Request.data.url.id!).send({type: 'said', text: message.text})
    return 'ok'
  }
}

it('serves a decorated and a functional route', async () => {
  app = await createApp({controllers: [Room]})
  app.Route.ws('/echo', Candy => {
    Candy.ws.send({type: 'welcome'})
    Candy.ws.on('message', data => Candy.ws.send({type: 'echo', data}))
  })
  const a = await connect(app, '/room/7')
  const b = await connect(app, '/room/7')
  a.send({type: 'say', text: 'hi', ref: 1})
  expect(await b.next()).toEqual({type: 'said', text: 'hi'})
  expect(await a.take(2)).toEqual([
    {type: 'said', text: 'hi'},
    {type: 'reply', ref: 1, data: 'ok'},
  ])

  const echo = await connect(app, '/echo')
  expect(await echo.next()).toEqual({type: 'welcome'})
  echo.send('plain')
  expect(await echo.next()).toEqual({type: 'echo', data: 'plain'})
  expect(await echo.close(1000, 'bye')).toEqual({code: 1000, reason: 'bye'})
})
