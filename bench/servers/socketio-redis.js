// Several Socket.IO servers on one Redis, as the README of its adapter has it, with the settings of socketio.js.
import {createServer} from 'node:http'
import {createAdapter} from '@socket.io/redis-adapter'
import {createClient} from 'redis'
import {Server} from 'socket.io'
import {listen} from './program.js'

const publisher = createClient({url: process.env.BENCH_BUS})
const subscriber = publisher.duplicate()
let heard = 0
const subscribe = subscriber.pSubscribe.bind(subscriber)
subscriber.pSubscribe = (pattern, listener, asBuffer) =>
  subscribe(
    pattern,
    (message, channel) => {
      heard += 1
      listener(message, channel)
    },
    asBuffer,
  )
await Promise.all([publisher.connect(), subscriber.connect()])

const server = createServer()
const io = new Server(server, {
  transports: ['websocket'],
  serveClient: false,
  perMessageDeflate: false,
  adapter: createAdapter(publisher, subscriber),
})
io.engine.on('connection', socket => {
  socket.request = null
})
io.on('connection', socket => {
  void socket.join('room')
  socket.on('say', ({text}) => io.to('room').emit('said', {text}))
})
listen(server, () => heard)
