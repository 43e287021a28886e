import {load} from '../load/load.js'

/** Request and reply, a DTO judged and a controller per connection: messages in flight on each of 100 connections. */
function echo(window, transport, more, goals) {
  const over = transport === 'unix' ? ', AF_UNIX' : ''
  return {
    name: `echo-${window}${transport === 'unix' ? '-unix' : ''}`,
    group: 'echo',
    title: `Request and reply, ${window} in flight${over}`,
    work: 'echo',
    transport,
    unit: 'µs of server CPU per message',
    peers: more,
    goals,
    measure: (server, time) =>
      load(server, 'echo', {connections: 100, window, message: server.protocol.order(), ...time}),
    cost: figures => figures.serverMicros,
  }
}

const others = ['nest-ws', 'nest-socketio', 'nest-socketio-pipe', 'fastify']

export const echoes = [
  echo(16, 'tcp', others, [
    {against: 'ws', atLeast: 3, aim: 4},
    {against: 'socketio', atLeast: 3, aim: 4},
    {against: 'nest-ws-pipe', atLeast: 6, aim: 8},
    {against: 'bun', atLeast: 0.3, aim: 0.45},
    {against: 'ws-batch', atMost: 1.1, aim: 1.05, title: 'framework tax'},
  ]),
  echo(4, 'tcp', ['ws-batch', 'bun'], [{against: 'ws', atLeast: 1.8, aim: 2.2}]),
  echo(1, 'tcp', ['ws-batch', 'bun'], [{against: 'ws', atLeast: 0.9, aim: 1.05}]),
  echo(16, 'unix', ['ws', 'ws-batch', 'bun'], []),
  echo(1, 'unix', ['ws', 'ws-batch', 'bun'], []),
]
