// `node bench/bus-costs.js`: what does a message cost a Redis or a NATS server, by how many nodes hear it? In CPU time of the server's
// process: for Redis, whose messages are one thread's work, a second of it is all that there is. simulate.js reckons with it.
import {once} from 'node:events'
import {readFileSync} from 'node:fs'
import {connect} from 'node:net'
import {startBus} from './buses.js'
import {machine} from './machine.js'
import {figure, median, table} from './stats.js'

const rounds = 5
const seconds = 1
const message = 'x'.repeat(180)
const hearers = [0, 1, 4, 16, 64]
/** Messages in one write of the one who publishes: nodes that have little to say, and nodes that have much. */
const batches = [1, 16]

const languages = {
  redis: {
    subscribe: 'SUBSCRIBE room\r\n',
    publish: `*3\r\n$7\r\nPUBLISH\r\n$4\r\nroom\r\n$${message.length}\r\n${message}\r\n`,
    ask: '',
    /** Of what the publisher reads, how many messages are answered. */
    answered: (text, sent) => text.split('\r\n').length - 1 >= sent,
  },
  nats: {
    subscribe: 'CONNECT {"verbose":false}\r\nSUB room 1\r\nPING\r\n',
    publish: `PUB room ${message.length}\r\n${message}\r\n`,
    ask: 'PING\r\n',
    answered: text => text.includes('PONG'),
  },
}

/** Microseconds; the kernel counts in hundredths of a second. */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

async function open(url, words) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').setNoDelay()
  await once(socket, 'connect')
  socket.write(words)
  await once(socket, 'data')
  return socket
}

/** Microseconds of the server per message. */
async function cost(pid, {publish, ask, answered}, publisher, batch) {
  const words = publish.repeat(batch) + ask
  const before = cpuOf(pid)
  const end = Date.now() + seconds * 1_000
  let count = 0
  while (Date.now() < end) {
    let text = ''
    publisher.write(words)
    while (!answered(text, batch)) text += (await once(publisher, 'data'))[0].toString('latin1')
    count += batch
  }
  return (cpuOf(pid) - before) / count
}

async function measure(kind) {
  const bus = await startBus(kind)
  const language = languages[kind]
  const rows = []
  try {
    const publisher = await open(
      bus.url,
      kind === 'redis' ? 'PING\r\n' : 'CONNECT {"verbose":false}\r\nPING\r\n',
    )
    const sockets = []
    for (const count of hearers) {
      while (sockets.length < count) sockets.push((await open(bus.url, language.subscribe)).resume())
      const costs = batches.map(() => [])
      for (let round = 0; round < rounds; round += 1)
        for (const [n, batch] of batches.entries())
          costs[n].push(await cost(bus.pid, language, publisher, batch))
      rows.push([`${kind}, ${count} nodes hear it`, ...costs.map(values => figure(median(values)))])
    }
    for (const socket of [publisher, ...sockets]) socket.destroy()
  } finally {
    await bus.stop()
  }
  return rows
}

console.log(Object.values(await machine()).join('; '))
const rows = [...(await measure('redis')), ...(await measure('nats'))]
table([['server µs per message of 180 bytes', ...batches.map(batch => `${batch} at once`)], ...rows])
