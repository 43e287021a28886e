import {load} from '../load/load.js'

const connections = 100

/**
 * The wait of a request at a rate that is the same for all: half of what saturates `ws`. Requests come by the clock and
 * not when the last was answered, and their wait counts from when they were due.
 */
export const latency = {
  name: 'p99',
  group: 'p99',
  title: "p99 of request and reply at half of ws's saturating rate",
  work: 'echo',
  unit: 'µs from due to answered, 99th percentile',
  peers: [],
  // A tail is bent by whatever else the machine does; floors would hold the machine.
  guarded: false,
  goals: [{against: 'ws', atMost: 1.1, aim: 1}],
  /** What `ws` answers in a second of CPU time, with requests always waiting. */
  async prepare(servers, seconds) {
    const message = servers.ws.protocol.order()
    const figures = await load(servers.ws, 'echo', {connections, window: 16, message, warm: 1.5, seconds})
    const rate = Math.round(1e6 / figures.serverMicros / 2)
    return {rate, note: `${rate.toLocaleString('en')} requests per second over ${connections} connections`}
  },
  measure: (server, time, {rate}) =>
    load(server, 'rate', {
      connections,
      rate,
      message: server.protocol.order(),
      ...time,
      seconds: time.seconds * 2,
    }),
  cost: figures => figures.p99,
}
