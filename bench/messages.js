// What does a message cost from socket to socket? A decorated controller that judges it and answers, beside a loop on
// `ws` that a person wrote and that judges nothing. One message at a time, so that nothing is saved by doing many at once.
import {once} from 'node:events'
import {WebSocket} from 'ws'
import {inTurn} from './process.js'
import {median, spread, table} from './stats.js'

const rounds = 21
const messages = 10_000

const order = {
  type: 'order',
  id: 7,
  priority: 3,
  customer: 'Ada Lovelace',
  note: 'leave it at the door, please',
  lines: [1, 2, 3].map(quantity => ({sku: `sku-${quantity}`, quantity})),
}

/** Server microseconds per message that is sent and answered. */
async function round({url, cpu}) {
  const socket = new WebSocket(url, {perMessageDeflate: false})
  await once(socket, 'open')
  let ref = 0
  let done
  const all = new Promise(resolve => (done = resolve))
  const next = () => socket.send(JSON.stringify({...order, ref: ++ref}))
  socket.on('message', data => {
    const text = Buffer.from(data).toString()
    const answer = JSON.parse(text)
    if (
      answer.type !== 'reply' ||
      answer.ref !== ref ||
      answer.data.accepted !== 7 ||
      answer.data.lines !== 3
    )
      throw new Error(`a wrong answer, and nothing is measured: ${text}`)
    if (ref < messages) next()
    else done()
  })
  const before = await cpu()
  next()
  await all
  const cost = ((await cpu()) - before) / messages
  socket.close()
  await once(socket, 'close')
  return cost
}

const costs = await inTurn(['by hand', 'controller'], rounds, round)
const base = costs.get('by hand')
const ratios = costs.get('controller').map((cost, n) => cost / base[n])
console.log(
  `node ${process.version}, ${rounds} rounds of ${messages} messages, one in flight: median (range)\n`,
)
table([
  ['', 'server CPU, µs', 'x the loop by hand, per round'],
  ['ws, by hand, judging nothing', spread(base), '1.00'],
  ['Candy: controller, DTO, reply', spread(costs.get('controller')), spread(ratios, 2)],
])
if (median(ratios) > 1.15) process.exitCode = 1
