// Socket.IO as its manual has it for speed: the WebSocket transport alone, no compression (its default), nothing
// served beside it, and the request of the handshake not kept ("Memory usage").
import {createServer} from 'node:http'
import {Server} from 'socket.io'
import {accept, others} from './orders.js'
import {listen, work} from './program.js'

const server = createServer()
const io = new Server(server, {transports: ['websocket'], serveClient: false, perMessageDeflate: false})
io.engine.on('connection', socket => {
  socket.request = null
})

function hearOrders(socket) {
  socket.on('order', (order, reply) => reply(accept(order)))
  for (const event of others) socket.on(event, () => undefined)
}

function hearRoom(socket) {
  socket.join('room')
  socket.on('say', ({text}) => io.to('room').emit('said', {text}))
}

if (work === 'connect' || work === 'idle') io.use((socket, next) => next())
io.on('connection', work === 'echo' ? hearOrders : hearRoom)
listen(server)
