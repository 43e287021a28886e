import {connect} from '@nats-io/transport-node'
import {randomBytes} from 'node:crypto'
import {createClient} from 'redis'
import {describe, it} from 'vitest'
import {encodeMessage} from '#candy/rooms/bus-message.js'
import {channelOfRoom, channelOfUser, everyone} from '#candy/rooms/channels.js'
import {textFrame} from '#candy/rooms/frame.js'
import {attendanceOf} from '../support/attendance.js'
import {Cluster, localNode} from '../support/cluster.js'
import {eventually} from '../support/eventually.js'
import {randomOf} from '../support/seeded.js'
import {describeWith, TestServer, type ServerKind} from '../support/servers.js'

/** Somebody who may publish on the server, and is no node. */
interface Stranger {
  publish(channel: string, bytes: Uint8Array): Promise<unknown>
  /** What nodes say, bytes as they are. */
  overhear(channel: string, heard: (bytes: Buffer) => void): Promise<unknown>
  close(): Promise<unknown>
}

/** How a channel is called on the server; what is none of ours is called as it is. */
const nameOf = {
  redis: (channel: string) => (channel.startsWith('candy') ? channel : `candy:m:${channel}`),
  nats: (channel: string) => (channel.startsWith('candy') ? channel : `candy.${channel}`),
}

/** Where a node hears what is for no client: who comes and goes, and who is denied. */
const control: Readonly<Record<ServerKind, readonly string[]>> = {
  redis: [`candy:w:{${channelOfRoom('hostile')}}`, 'candy:{denials}:told'],
  nats: ['candy.nodes'],
}

const strangers: Readonly<Record<ServerKind, (url: string) => Promise<Stranger>>> = {
  async redis(url) {
    const [client, subscriber] = [createClient({url}), createClient({url})]
    for (const one of [client, subscriber]) await one.on('error', () => undefined).connect()
    return {
      publish: (channel, bytes) => client.publish(nameOf.redis(channel), Buffer.from(bytes)),
      overhear: (channel, heard) => subscriber.subscribe(nameOf.redis(channel), heard, true),
      close: () => Promise.all([client.close(), subscriber.close()]),
    }
  },
  async nats(url) {
    const connection = await connect({servers: url})
    return {
      async publish(channel, bytes) {
        connection.publish(nameOf.nats(channel), bytes)
        await connection.flush()
      },
      async overhear(channel, heard) {
        connection.subscribe(nameOf.nats(channel), {callback: (_, {data}) => heard(Buffer.from(data))})
        await connection.flush()
      },
      close: () => connection.close(),
    }
  },
}

/** Longest first: Redis takes 10 MB, NATS by default no more than 1. */
const longest: Readonly<Record<ServerKind, number>> = {redis: 10_000_000, nats: 1_000_000}

function head(words: unknown, payload = ''): Buffer {
  const text = typeof words === 'string' ? words : JSON.stringify(words)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(Buffer.byteLength(text))
  return Buffer.concat([
    Buffer.from('candy\u0001'),
    length,
    Buffer.from(text),
    Buffer.from(payload, 'latin1'),
  ])
}

const sound = {from: 'x', rooms: ['hostile'], frame: 'text'}

/** What has no form of ours, on whichever channel. */
function malformed(kind: ServerKind): Buffer[] {
  const random = randomOf(58)
  const noise = Array.from({length: 200}, () =>
    Buffer.from(Array.from({length: Math.floor(random() * 60)}, () => Math.floor(random() * 256))),
  )
  const good = head(sound, '"x"')
  const cut = Array.from({length: good.length - 3}, (_, n) => good.subarray(0, n))
  const bad = [
    '',
    'null',
    '7',
    '[]',
    '"x"',
    '{}',
    '{"from":1}',
    '{"from":"x"',
    {...sound, from: ''},
    {...sound, rooms: 'hostile'},
    {...sound, rooms: ['a\r\nb']},
    {...sound, rooms: [null]},
    {...sound, except: 7},
    {...sound, frame: 'other'},
    {...sound, extra: 1},
    {...sound, volatile: 'yes'},
    {...sound, latest: {}},
    {...sound, user: {toString: 1}},
    '{"from":"x","__proto__":{"rooms":["hostile"]}}',
    `{"from":${'['.repeat(30_000)}`,
  ].map(words => head(words, '"x"'))
  return [...noise, ...cut, ...bad, head(sound, '\xff\xfe'), randomBytes(longest[kind])]
}

function hostile(kind: ServerKind): void {
  describeWith(kind, true, kind, () => {
    it(
      'row 58: hostile bytes, old versions, what is too long and what is its own are ignored, and counted',
      {timeout: 120_000},
      async ({expect, onTestFinished}) => {
        const server = await TestServer.start(kind)
        const node = () => localNode({bus: server.url, presenceGrace: 100})
        const cluster = await Cluster.of(node(), node())
        onTestFinished(() => cluster.end())
        const stranger = await strangers[kind](server.url)
        onTestFinished(async () => void (await stranger.close()))
        const clients = [await cluster.client(0), await cluster.client(1), await cluster.user('ada', 1)]
        const rooms = ['hostile']
        for (const client of clients) await client.do('join', ...rooms)
        const onlooker = await cluster.client(0)
        await onlooker.do('join', ...rooms, {presence: true})
        const present = attendanceOf(onlooker, 'hostile')
        await eventually(() => Object.keys(present().there).length === 4, 'a snapshot')
        await cluster.reached({rooms}, clients)
        await cluster.reached({}, clients)
        await cluster.reached({user: 'ada'}, clients.slice(2))
        const channel = channelOfRoom('hostile')
        const ignored = async (at: number, why: string) =>
          (await cluster.metrics(at)).value('candy_bus_ignored_total', {why}) ?? 0

        const bad = malformed(kind)
        for (const target of [channel, everyone, channelOfUser('ada'), ...control[kind]])
          for (const bytes of bad) await stranger.publish(target, bytes)
        const old = Buffer.from('candy\u0000'.concat('anything'))
        const next = Buffer.from('candy\u0002'.concat('anything'))
        for (const bytes of [old, next]) await stranger.publish(channel, bytes)
        // Of the right form, and longer than may wait for anybody.
        const long = encodeMessage({
          from: 'x',
          to: {rooms},
          frame: textFrame('x'.repeat(longest[kind] * 0.9)),
        })
        if (kind === 'redis') await stranger.publish(channel, long)
        await cluster.settled()
        await eventually(async () => (await ignored(1, 'version')) === 2, 'versions')
        await eventually(async () => (await ignored(1, 'form')) >= bad.length * 3, 'forms')
        expect([await ignored(0, 'form'), await ignored(1, 'form')]).toEqual([bad.length * 2, bad.length * 3])
        if (kind === 'redis') expect(await ignored(0, 'size')).toBe(1)
        for (const client of clients) expect(client.frames).toEqual([])

        const there = await Promise.all([0, 1].map(at => cluster.control(at).do('presence', 'hostile')))
        expect(there.map(({connections}) => connections)).toEqual([4, 4])
        expect(present()).toMatchObject({
          log: present().log.filter(change => change.startsWith('+')),
          faults: [],
        })
        expect(Object.keys(present().there)).toHaveLength(4)

        // Its own words, said to it again.
        const echoes: Buffer[] = []
        await stranger.overhear(channel, bytes => echoes.push(bytes))
        await cluster.control(0).do('send', {rooms, data: 'mine'})
        await eventually(() => echoes.length === 1, 'one message on the bus')
        await Promise.all(clients.map(client => client.heard(1)))
        await stranger.publish(channel, echoes[0]!)
        await cluster.reached({rooms}, clients)
        expect(clients[0]!.messages).toEqual(['mine'])
        expect(await cluster.readiness(0)).toBe('ready')
        await cluster.control(1).do('send', {rooms, data: 'alive'})
        await eventually(() => clients[0]!.messages.length === 2, 'another message')
        expect(clients[0]!.messages).toEqual(['mine', 'alive'])
      },
    )
  })
}

describe.concurrent('what others say on a bus', () => {
  hostile('redis')
  hostile('nats')
})
