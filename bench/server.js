// The server side of messages.js: a loop on `ws`, or a controller.
import {createServer} from 'node:http'
import {createApp, OnMessage, Token, WsRoute} from '../dist/index.js'
import {WebSocketServer} from 'ws'

async function bare(onMessage) {
  const server = createServer()
  const sockets = new WebSocketServer({server, maxPayload: 65_536})
  sockets.on('connection', socket => {
    socket.on('error', () => undefined)
    socket.on('message', data => onMessage(socket, data))
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  return `ws://127.0.0.1:${server.address().port}/echo`
}

/** What a person writes on `ws` who validates nothing: messages by type, an answer with the `ref`. */
function byHand() {
  const handlers = {
    order: message => ({accepted: message.id, lines: message.lines.length}),
  }
  return bare((socket, data) => {
    let message
    try {
      message = JSON.parse(data.toString())
    } catch {
      return
    }
    const handler = handlers[message.type]
    if (!handler) return
    const answer = handler(message)
    if (message.ref !== undefined)
      socket.send(JSON.stringify({type: 'reply', ref: message.ref, data: answer}))
  })
}

/** The same as a controller: its message judged, its answer declared. */
async function controller() {
  const {Order, Accepted} = await import('./dist/order.js')
  class Orders {
    order(order) {
      return {accepted: order.id, lines: order.lines.length}
    }
  }
  const method = Object.getOwnPropertyDescriptor(Orders.prototype, 'order')
  OnMessage('order', {body: Order, reply: Accepted})(Orders.prototype, 'order', method)
  Token(false)(Orders)
  WsRoute('/echo')(Orders)
  return address(await createApp({controllers: [Orders]}))
}

async function address(app) {
  return `${(await app.listen({port: 0})).url.replace('http', 'ws')}/echo`
}

const servers = {'by hand': byHand, controller}
const url = await servers[process.argv[2]]()
process.on('message', () => {
  const {user, system} = process.cpuUsage()
  process.send({cpu: user + system})
})
process.on('disconnect', () => process.exit())
process.send({url})
