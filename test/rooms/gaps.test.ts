import type {Bus, BusLink, BusNode} from 'candy-ws'
import {describe, expect, it} from 'vitest'
import {encodeMessage} from '#candy/rooms/bus-message.js'
import {channelOfRoom, everyone} from '#candy/rooms/channels.js'
import {textFrame} from '#candy/rooms/frame.js'
import {serve} from '../support/serve-handlers.js'

/** A bus that does what the test says, and refuses everything while it is down. */
class StageBus implements Bus {
  readonly kind = 'stage'
  node!: BusNode
  isUp = true
  readonly published: string[] = []

  connect(node: BusNode): BusLink {
    this.node = node
    const done = async () => undefined
    const publish = async (channel: string) => {
      if (!this.isUp) throw new Error('down')
      this.published.push(channel)
    }
    queueMicrotask(() => node.up())
    const link = {publish, subscribe: done, unsubscribe: done, watch: done, unwatch: done}
    return {...link, hold: done, deny: done, close: done, leases: async () => []}
  }

  down(): void {
    this.isUp = false
    this.node.down(new Error('gone'))
  }

  up(): void {
    this.isUp = true
    this.node.up()
  }

  /** Another node says something to a room. */
  says(room: string, text: string): void {
    const frame = textFrame(text)
    this.node.hear(channelOfRoom(room), encodeMessage({from: 'other', to: {rooms: [room]}, frame}))
  }

  /** Another node says that it has lost something there. */
  hasLost(channel: string): void {
    this.node.hear(channel, encodeMessage({from: 'other', to: {everyone: true}}))
  }
}

async function one() {
  const bus = new StageBus()
  const {connect, app} = await serve(
    ({ws, Request}) => {
      ws.join(...Request.data.get.rooms!.split(','))
      ws.send('joined')
    },
    {bus},
  )
  const member = async (rooms: string, protocols = ['candy.v1']) => {
    const client = await connect(`/?rooms=${rooms}`, {protocols})
    expect(await client.next()).toBe('joined')
    return client
  }
  return {bus, app, member}
}

const gap = (...rooms: string[]) => ({type: 'candy.gap', rooms})

describe('a gap', () => {
  it('is told once, before the first message that comes after it', async () => {
    const {bus, member} = await one()
    const client = await member('a')
    bus.says('a', '1')
    bus.down()
    bus.up()
    bus.says('a', '2')
    bus.says('a', '3')
    expect(await client.take(4)).toEqual([1, gap('a'), 2, 3])
  })

  it('is told once where several nodes come back one after the other', async () => {
    const {bus, member} = await one()
    const client = await member('a')
    bus.down()
    bus.up()
    bus.says('a', '1')
    bus.hasLost(channelOfRoom('a'))
    bus.says('a', '2')
    expect(await client.take(3)).toEqual([gap('a'), 1, 2])
  })

  it('is told at once where much comes: it is not held for long', async () => {
    const {bus, member} = await one()
    const client = await member('a')
    bus.down()
    bus.up()
    for (let n = 0; n < 3; n += 1) bus.says('a', `"${`${n}`.padEnd(500_000)}"`)
    expect(await client.next(500)).toEqual(gap('a'))
    expect((await client.take(3)).map(text => (text as string)[0])).toEqual(['0', '1', '2'])
  })

  it('counts what comes while the bus is down as missed: it may not be all', async () => {
    const {bus, member} = await one()
    const client = await member('a')
    bus.down()
    bus.says('a', 'late')
    bus.up()
    bus.says('a', '1')
    expect(await client.take(2)).toEqual([gap('a'), 1])
  })

  it('is told of a room where nothing comes, too, with all rooms of a client in one', async () => {
    const {bus, member} = await one()
    const client = await member('a,b')
    bus.down()
    bus.up()
    expect(await client.next()).toEqual(gap('a', 'b'))
    expect(client.pending).toEqual([])
  })

  it('is told where another node has lost something, in that room alone', async () => {
    const {bus, member} = await one()
    const [a, b] = [await member('a'), await member('b')]
    bus.hasLost(channelOfRoom('a'))
    expect(await a.next()).toEqual(gap('a'))
    expect(b.pending).toEqual([])
    bus.hasLost(everyone)
    expect([await a.next(), await b.next()]).toEqual([gap('a'), gap('b')])
  })

  it('is told to the other nodes, for each channel once, before what comes next on it', async () => {
    const {bus, app, member} = await one()
    await member('a')
    bus.down()
    for (let n = 0; n < 3; n += 1) app.Route.wsServer.toRoom('a', n)
    app.Route.wsServer.broadcast('all')
    await expect.poll(() => bus.published).toEqual([])
    bus.up()
    app.Route.wsServer.toRoom('a', 'next')
    await expect
      .poll(() => bus.published.toSorted())
      .toEqual([everyone, channelOfRoom('a'), channelOfRoom('a')])
  })

  it('is nothing to who does not speak candy.v1', async () => {
    const {bus, member} = await one()
    const client = await member('a', [])
    bus.down()
    bus.up()
    bus.says('a', '1')
    expect(await client.next()).toBe(1)
  })
})
