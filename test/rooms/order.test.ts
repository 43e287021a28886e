import type {Candy} from 'candy-ws'
import * as fc from 'fast-check'
import {setTimeout as delay} from 'node:timers/promises'
import {expect, it} from 'vitest'
import {serve} from '../support/serve-handlers.js'

const ways = ['to one room', 'to two rooms', 'to a room, from anywhere', 'to all, from anywhere'] as const

interface Said {
  readonly type: 'say'
  readonly from: string
  readonly n: number
  readonly way: (typeof ways)[number]
  /** Milliseconds before it is passed on. */
  readonly takes: number
}

/** Passes on what is said, after a while, to everybody, once. */
async function passOn({ws, Route}: Candy, {from, n, way, takes}: Said): Promise<number> {
  if (takes > 0) await delay(takes)
  const heard = {from, n}
  if (way === 'to one room') ws.to('one').send(heard)
  else if (way === 'to two rooms') ws.to('two', 'one').send(heard)
  else if (way === 'to a room, from anywhere') Route.wsServer.toRoom('two', heard)
  else Route.wsServer.broadcast(heard)
  return n
}

const senders = ['ada', 'bob', 'cyd', 'dan']
const said = fc.record({way: fc.constantFrom(...ways), takes: fc.constantFrom(0, 0, 1, 3)})
const script = fc.array(said, {minLength: 15, maxLength: 15})

it('row 45: what several clients say at once is heard in the order each said it, and in one order by all', async () => {
  const property = fc.asyncProperty(fc.tuple(script, script, script, script), async scripts => {
    const {app, connect} = await serve(candy => {
      candy.ws.join('one', 'two')
      candy.ws.on('say', Object, message => passOn(candy, message as Said))
    })
    const clients = await Promise.all(senders.map(() => connect()))
    for (let n = 0; n < 15; n += 1)
      for (const [at, client] of clients.entries())
        client.send({type: 'say', from: senders[at], n, ref: n, ...scripts[at]![n]})
    const all = await Promise.all(clients.map(client => client.take(15 * senders.length + 15)))
    await app.close({drain: 200})

    const numbers = Array.from({length: 15}, (_, n) => n)
    const messages = all.map(heard => heard.filter(one => (one as {from?: string}).from !== undefined))
    for (const heard of messages) expect(heard).toEqual(messages[0])
    for (const from of senders)
      expect(messages[0]!.filter(one => (one as Said).from === from)).toEqual(numbers.map(n => ({from, n})))
    // To who said it, each message is followed by its reply, before the next one.
    for (const [at, heard] of all.entries()) {
      const from = senders[at]
      const own = heard.filter(one => (one as Said).from === from || (one as Said).type)
      expect(own).toEqual(
        numbers.flatMap(n => [
          {from, n},
          {type: 'reply', ref: n, data: n},
        ]),
      )
    }
  })
  await fc.assert(property, {numRuns: 15})
})
