import {load} from '../load/load.js'

/** Handshake, route with a parameter, guards, controller, one room; then the closing handshake. 32 at once. */
export const connect = {
  name: 'connect',
  group: 'connect',
  title: 'Connect and close, 32 at once',
  work: 'connect',
  unit: 'µs of server CPU per connection',
  peers: ['bun', 'nest-ws', 'nest-socketio', 'fastify'],
  goals: [
    {against: 'ws', atMost: 1.1, aim: 1},
    {against: 'socketio', atLeast: 1.7, aim: 1.7},
  ],
  // A handshake runs through more code than a message, and less often.
  warm: 3,
  measure: (server, time) => load(server, 'connect', {atOnce: 32, ...time}),
  cost: figures => figures.serverMicros,
}
