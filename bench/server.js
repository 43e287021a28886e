// The server side of connect.js: `ws` alone, or Candy with a functional or a decorated route.
import {createServer} from 'node:http'
import {createApp, OnMessage, Token, WsRoute} from 'candy-ws'
import {WebSocketServer} from 'ws'

async function bare() {
  const server = createServer()
  const sockets = new WebSocketServer({server, maxPayload: 65_536})
  sockets.on('connection', socket => {
    socket.on('error', () => undefined)
    socket.on('message', data => socket.send(data))
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  return `ws://127.0.0.1:${server.address().port}/echo`
}

async function functional() {
  const app = await createApp()
  app.Route.ws('/echo', Candy => Candy.ws.on('message', data => Candy.ws.send(data)), {token: false})
  return address(app)
}

/** `@WsRoute('/echo') @Token(false) class Echo { @OnMessage() echo(data) {...} }`, as a compiler writes it. */
async function decorated() {
  class Echo {
    echo(data) {
      return data
    }
  }
  const method = Object.getOwnPropertyDescriptor(Echo.prototype, 'echo')
  OnMessage({body: Object})(Echo.prototype, 'echo', method)
  Token(false)(Echo)
  WsRoute('/echo')(Echo)
  return address(await createApp({controllers: [Echo]}))
}

async function address(app) {
  return `${(await app.listen({port: 0})).url.replace('http', 'ws')}/echo`
}

const url = await {ws: bare, function: functional, class: decorated}[process.argv[2]]()
process.on('message', () => {
  const {user, system} = process.cpuUsage()
  process.send({cpu: user + system})
})
process.on('disconnect', () => process.exit())
process.send({url})
