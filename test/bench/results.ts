import {resultOf} from './parts.js'

interface Figures {
  readonly serverMicros: number
  readonly serverShare: number
  readonly loadBusy: number
}

const rounds = (...costs: number[]): Figures[] =>
  costs.map(serverMicros => ({serverMicros, serverShare: 1, loadBusy: serverMicros < 1 ? 0.99 : 0.5}))

/** What a run of one suite finds: Bun so fast that the load is busy, and Fastify not measured. */
export const results = [
  resultOf(
    {
      name: 'echo-16',
      title: 'Request and reply, 16 in flight',
      unit: 'µs <per> message',
      goals: [
        {against: 'ws', atLeast: 3, aim: 4},
        {against: 'socketio', atLeast: 3, aim: 4},
        {against: 'ws-batch', atMost: 0.9, aim: 0.8, title: 'framework tax'},
      ],
      cost: (figures: Figures) => figures.serverMicros,
    },
    {
      figures: {candy: rounds(4, 4), ws: rounds(11, 13), 'ws-batch': rounds(4, 4), bun: rounds(0.9, 0.8)},
      faults: {fastify: 'a wrong answer'},
    },
  ),
]

export const run = {
  date: '2026-01-01',
  machine: {
    processor: '2 x a <processor> & more',
    memory: '24 GiB',
    system: 'a system',
    node: 'v20',
    pinning: 'the server has core 0, the load core 1',
    others: 'other programs used 3 % of it',
  },
  versions: {candy: 'abc', ws: '8.0.0'},
  limits: ['a limit, raised to 10,000'],
  rounds: 2,
  seconds: 1,
  results,
}
