// A stand-in until the peers' own programs are here.
import {createServer} from 'node:http'
import {WebSocketServer} from 'ws'

const [suite, listen] = process.argv.slice(2)
const server = createServer()
const deflate = suite === 'deflate' || suite === 'idle-deflate'
const sockets = new WebSocketServer({server, perMessageDeflate: deflate && {threshold: 0}})
const handlers = {}
for (let n = 0; n < 20; n += 1) handlers[`event-${n}`] = () => undefined
handlers.order = message => ({id: message.id, accepted: true, length: message.text.length, ts: message.ts})
const room = new Set()
sockets.on('connection', socket => {
  socket.on('error', () => undefined)
  if (suite === 'echo')
    socket.on('message', data => {
      let message
      try {
        message = JSON.parse(data.toString())
      } catch {
        return
      }
      const handler = handlers[message.type]
      if (!handler) return
      socket.send(JSON.stringify({type: 'reply', ref: message.ref, data: handler(message)}))
    })
  else {
    room.add(socket)
    socket.on('close', () => room.delete(socket))
    socket.on('message', data => {
      const {text} = JSON.parse(data.toString())
      const said = JSON.stringify({type: 'said', text})
      if (suite === 'idle-deflate') socket.send(said)
      else for (const member of room) member.send(said)
    })
  }
})
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
