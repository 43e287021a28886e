import {load} from '../load/load.js'

const overhead = '{"type":"said","text":""}'.length
const names = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Radia', 'Ken', 'Frances']
const states = ['open', 'paid', 'sent', 'back']

/** Rows such as apps send: they compress to a third, where one sentence over and over would to a tenth. */
const row = n =>
  `order ${40_321 + n * 137} of ${names[n % names.length]}, ${states[(n * n) % states.length]}, ${1_999 + ((n * 7_919) % 10_000)} cents; `
const text = Array.from({length: 40}, (_, n) => row(n))
  .join('')
  .slice(0, 1_041 - overhead)

/** Broadcasts of 1,041 bytes of JSON, compressed for each member that negotiated it: all of them. */
export const deflate = {
  name: 'deflate',
  group: 'deflate',
  title: 'A compressed broadcast of 1 kB, 200 members, 4 outstanding',
  work: 'deflate',
  unit: 'µs of server CPU per delivery',
  peers: ['bun'],
  goals: [
    {against: 'ws', atLeast: 8, aim: 12},
    {against: 'bun', atLeast: 1.2, aim: 1.7},
  ],
  async measure(server, time) {
    const message = server.protocol.say(text)
    const figures = await load(server, 'fan', {connections: 200, window: 4, deflate: true, message, ...time})
    if (figures.compressed !== figures.messages) throw new Error('not every delivery was compressed')
    return figures
  },
  cost: figures => figures.serverMicros,
}
