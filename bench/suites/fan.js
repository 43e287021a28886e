import {load} from '../load/load.js'

const text = 'a text that was said in a room and is to be heard by everybody in it, about a hundred bytes'

/** One sender, a room of members, so many broadcasts on their way at once. */
function fan(window, members, transport, more, goals) {
  const over = transport === 'unix' ? ', AF_UNIX' : ''
  return {
    name: `fan-${window}${transport === 'unix' ? '-unix' : ''}`,
    group: 'fan',
    title: `A room of ${members.toLocaleString('en')}, ${window === 1 ? 'isolated broadcasts' : `${window} broadcasts outstanding`}${over}`,
    work: 'fan',
    transport,
    unit: 'µs of server CPU per delivery',
    peers: more,
    goals,
    measure: (server, time) =>
      load(server, 'fan', {connections: members, window, message: server.protocol.say(text), ...time}),
    cost: figures => figures.serverMicros,
  }
}

export const fans = [
  fan(
    4,
    1_000,
    'tcp',
    ['ws-batch', 'nest-ws', 'nest-socketio', 'fastify'],
    [
      {against: 'ws', atLeast: 3.5, aim: 5},
      {against: 'socketio', atLeast: 3.5, aim: 5},
      {against: 'bun', atLeast: 0.6, aim: 0.9},
    ],
  ),
  fan(
    16,
    1_000,
    'tcp',
    ['ws-batch'],
    [
      {against: 'ws', atLeast: 13, aim: 17},
      {against: 'socketio', atLeast: 12, aim: 16},
      {against: 'bun', atLeast: 0.7, aim: 0.9},
    ],
  ),
  fan(1, 1_000, 'tcp', ['bun'], [{against: 'ws', atLeast: 1, aim: 1.15}]),
  fan(1, 1_000, 'unix', ['ws-batch', 'bun'], [{against: 'ws', atLeast: 2, aim: 2.6}]),
]
