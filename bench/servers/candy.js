// A stand-in until the peers' own programs are here.
import {createServer} from 'node:http'
import {IsBoolean, IsInt, IsString, Length, Min} from 'class-validator'
import {createApp, OnMessage, OnOpen, Token, Use, WsRoute} from '../../dist/index.js'

const [suite, listen] = process.argv.slice(2)
const deflate = suite === 'deflate' || suite === 'idle-deflate'

class Order {}
Min(1)(Order.prototype, 'id')
IsInt()(Order.prototype, 'id')
Length(1, 64)(Order.prototype, 'user')
Length(0, 500)(Order.prototype, 'text')
IsInt()(Order.prototype, 'ts')
class Accepted {}
IsInt()(Accepted.prototype, 'id')
IsBoolean()(Accepted.prototype, 'accepted')
IsInt()(Accepted.prototype, 'length')
IsInt()(Accepted.prototype, 'ts')
class Text {}
IsString()(Text.prototype, 'text')

class Echo {
  order(order) {
    return {id: order.id, accepted: true, length: order.text.length, ts: order.ts}
  }
}
const method = (type, name) => Object.getOwnPropertyDescriptor(type.prototype, name)
OnMessage('order', {body: Order, reply: Accepted})(Echo.prototype, 'order', method(Echo, 'order'))

class Room {
  opened(candy) {
    candy.ws.join('room')
  }
  say(message, candy) {
    if (suite === 'idle-deflate') candy.ws.send({type: 'said', text: message.text})
    else candy.ws.to('room').send({type: 'said', text: message.text})
  }
}
import {Candy} from '../../dist/index.js'
OnOpen({args: [Candy]})(Room.prototype, 'opened', method(Room, 'opened'))
OnMessage('say', {body: Text, args: [Text, Candy]})(Room.prototype, 'say', method(Room, 'say'))
const controller = suite === 'echo' ? Echo : Room
Token(false)(controller)
if (suite === 'connect' || suite === 'idle') Use(() => true)(controller)
WsRoute('/room/<id>')(controller)

const app = await createApp({
  controllers: [controller],
  perMessageDeflate: deflate,
  limits: {},
})
const server = createServer()
app.attach(server)
server.listen(listen === 'tcp' ? {port: 0, host: '127.0.0.1'} : {path: listen.slice(5)}, () =>
  console.log(JSON.stringify(listen === 'tcp' ? {port: server.address().port} : {unix: listen.slice(5)})),
)
process.stdin.on('end', () => process.exit()).resume()
process.on('SIGUSR2', () => {
  gc()
  gc()
  const {rss, heapUsed} = process.memoryUsage()
  console.log(JSON.stringify({rss, heapUsed}))
})
