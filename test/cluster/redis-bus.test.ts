import {cpSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join as pathOf} from 'node:path'
import {pathToFileURL} from 'node:url'
import {inspect} from 'node:util'
import {Redis} from 'ioredis'
import {createClient, createClientPool, createSentinel, RESP_TYPES} from 'redis'
import {beforeAll, describe, expect, it, onTestFinished} from 'vitest'
import {redisBusFrom} from '#candy/cluster/redis-url.js'
import {redisBus, type RedisClient} from '#candy/cluster/redis.js'
import {join, NotedNode, until} from '../support/bus-node.js'
import {FaultProxy} from '../support/fault-proxy.js'
import {clients, freshPrefix} from '../support/redis-clients.js'
import {describeWith, TestServer} from '../support/servers.js'

const leaseTime = 1_500

describe('redisBus', () => {
  it('refuses what is no client, by saying what is', () => {
    const pool = createClientPool({}) as unknown
    const sentinel = createSentinel({name: 'x', sentinelRootNodes: [{host: 'x', port: 1}]}) as unknown
    for (const client of [undefined, null, 'redis://x', {}, new Map(), pool, sentinel])
      expect(() => redisBus(client as RedisClient)).toThrow(/redisBus\(\) takes a client: createClient\(\)/)
  })

  it('refuses a prefix that is more than a name, and a lease time of no time', () => {
    const client = createClient()
    for (const prefix of ['', 'a b', '{a}', 'é', 'x'.repeat(65)])
      expect(() => redisBus(client, {prefix})).toThrow(TypeError)
    for (const leaseTime of [0, 999, NaN, Infinity])
      expect(() => redisBus(client, {leaseTime})).toThrow(TypeError)
  })

  it('says what to install where there is no client for a URL', async () => {
    const folder = mkdtempSync(pathOf(tmpdir(), 'candy-alone-'))
    onTestFinished(() => rmSync(folder, {recursive: true}))
    writeFileSync(pathOf(folder, 'package.json'), '{"type": "module"}')
    for (const room of ['cluster', 'rooms'])
      cpSync(pathOf(import.meta.dirname, '../../dist', room), pathOf(folder, room), {recursive: true})
    const alone = pathToFileURL(pathOf(folder, 'cluster/redis-url.js')).href
    const {redisBusFrom: without} = (await import(alone)) as {redisBusFrom: typeof redisBusFrom}
    const missing = {name: 'MissingPackage', packages: ['redis', 'ioredis']}
    await expect(without('redis://x:secret@y')).rejects.toMatchObject(missing)
  })

  it('takes a URL, and keeps its secrets in every error', async () => {
    for (const url of [
      'redis//x:secret@y',
      'http://x:secret@y',
      'redis://x:secret@y:0x/',
      'redis://x:secret@y/db',
    ]) {
      const error: unknown = await redisBusFrom(url).catch((refused: unknown) => refused)
      expect(error).toBeInstanceOf(TypeError)
      expect(inspect(error, {depth: 9})).not.toContain('secret')
    }
  })
})

describeWith('redis', true, 'a bus on redis', () => {
  let server: TestServer
  beforeAll(async () => void (server = await TestServer.start('redis')))

  /** A client beside the bus. */
  const beside = async () => {
    const client = await createClient({url: server.url}).connect()
    onTestFinished(() => client.destroy())
    return client
  }

  const up = async (options: {prefix: string}, client: RedisClient = createClient({url: server.url})) => {
    const joined = join(redisBus(client, {leaseTime, ...options}))
    await until(joined, 'up')
    return joined
  }

  it('from a URL has the prefix that it says', async () => {
    const prefix = freshPrefix()
    const a = join(await redisBusFrom(`${server.url}?prefix=${prefix}`))
    await until(a, 'up')
    const b = await up({prefix})
    await b.link.subscribe('x')
    await a.link.publish('x', Buffer.from('1'))
    await expect.poll(() => b.node.heard).toEqual(['x 1'])
  })

  it('knows nothing of an app with another prefix', async () => {
    const [a, b] = [await up({prefix: freshPrefix()}), await up({prefix: freshPrefix()})]
    await Promise.all([a.link.subscribe('x'), b.link.subscribe('x'), b.link.watch('g')])
    await a.link.hold([{group: 'g', id: '1', value: 'x'}])
    await a.link.deny({what: 'x', until: Date.now() + 10_000})
    await a.link.publish('x', Buffer.from('1'))
    await expect.poll(() => a.node.heard).toEqual(['x 1'])
    expect(await b.link.leases('g')).toEqual([])
    // Told once for what it watched before it was up.
    expect([b.node.heard, b.node.changes, b.node.denials]).toEqual([[], [], []])
  })

  it('minds no option that a user has set for commands of its own', async () => {
    const prefix = freshPrefix()
    const url = server.url
    const typed = createClient({url, commandOptions: {typeMapping: {[RESP_TYPES.BLOB_STRING]: Buffer}}})
    const all = [
      await up({prefix}, typed),
      await up({prefix}, createClient({url, RESP: 2, database: 3, disableOfflineQueue: false})),
      await up({prefix}, new Redis(url, {keyPrefix: 'mine:', stringNumbers: true, lazyConnect: true})),
      await up({prefix}, new Redis(url, {enableAutoPipelining: true, lazyConnect: true})),
    ]
    const databases = [all[0]!, all[2]!, all[3]!]
    for (const [n, {link}] of databases.entries()) await link.hold([{group: 'g', id: `${n}`, value: 'x'}])
    for (const {link} of databases) expect(await link.leases('g')).toHaveLength(3)
    for (const {link} of all) await link.subscribe('x')
    await all[2]!.link.publish('x', Buffer.from('1'))
    for (const {node} of all) await expect.poll(() => node.heard).toEqual(['x 1'])
  })

  it('row 58: minds nothing that others write on its channels and keys', async () => {
    const prefix = freshPrefix()
    const a = await up({prefix})
    const stranger = await beside()
    await a.link.watch('g')
    await a.link.subscribe('x')
    const hostile = ['', '{', '[1]', '[[1]]', '[["a",1]]', '{"length":1}', '"x"', '[["__proto__"]', '[[]]']
    for (const bytes of hostile)
      for (const channel of [`${prefix}:w:{g}`, `${prefix}:{denials}:told`])
        await stranger.publish(channel, bytes)
    await stranger.publish(`${prefix}:m:x`, Buffer.alloc(10_000_000))
    await stranger.hSet(`${prefix}:l:{g}`, {nonsense: 'x', ':': 'y', 'nobody.1:2': 'z'})
    await expect.poll(() => a.node.bytes.map(bytes => bytes.length)).toEqual([10_000_000])
    expect(await a.link.leases('g')).toEqual([])
    expect(a.node.changes.flatMap(({changes}) => changes ?? [])).toEqual([])
    expect(a.node.denials).toEqual([])
    expect(a.node.states).toEqual(['up'])
  })

  it('keeps nothing of nodes that are gone, closed or dead', async () => {
    const prefix = freshPrefix()
    const line = await FaultProxy.open(server.port)
    const dead = await up({prefix}, createClient({url: `redis://127.0.0.1:${line.port}`}))
    const [closed, other] = [await up({prefix}), await up({prefix})]
    for (const {link} of [dead, closed]) {
      const leases = Array.from({length: 50}, (_, n) => ({
        group: `g${n % 5}`,
        id: `${Math.random()}`,
        value: 'x',
      }))
      await link.hold(leases)
    }
    const redis = await beside()
    expect(await redis.keys(`${prefix}:l:*`)).toHaveLength(5)
    await closed.link.close()
    line.becomes('blackhole')
    await expect.poll(() => redis.keys(`${prefix}:[^o]*`)).toEqual([])
    expect(await redis.zCard(`${prefix}:owners`)).toBe(1)
    await other.link.close()
    expect(await redis.keys(`${prefix}:*`)).toEqual([])
  })

  it('holds everything again when others have taken it for dead, though it was never disconnected', async () => {
    const prefix = freshPrefix()
    const held = [{group: 'g', id: '1', value: 'x'}]
    const node = new NotedNode()
    node.holds = held
    const link = redisBus(createClient({url: server.url}), {prefix, leaseTime}).connect(node)
    onTestFinished(() => link.close())
    await until({node, link}, 'up')
    const other = await up({prefix})
    const redis = await beside()
    const [owner] = await redis.zRange(`${prefix}:owners`, 0, -1)
    for (const name of await redis.zRange(`${prefix}:owners`, 0, -1))
      if (name.startsWith(node.id)) await redis.zAdd(`${prefix}:owners`, {score: 1, value: name})
    expect(owner).toBeDefined()
    await expect.poll(() => node.states).toEqual(['up', 'down', 'up'])
    await expect.poll(() => other.link.leases('g')).toEqual(held)
    await expect.poll(() => redis.zCard(`${prefix}:owners`)).toBe(2)
    expect(await other.link.leases('g')).toEqual(held)
  })

  describe.each(Object.keys(clients))('%s', name => {
    it('row 56: lives on when redis dies, with a client that nobody listens to', async () => {
      const mortal = await TestServer.start('redis')
      const client = clients[name]!(mortal.url)
      await client.connect()
      onTestFinished(() => void (client as unknown as {disconnect(): unknown}).disconnect())
      const a = await up({prefix: freshPrefix()}, client)
      await mortal.kill()
      await until(a, 'down')
      await mortal.restart()
      await until(a, 'up')
    })

    it('closes what it made, and not what it was given', async () => {
      const client = clients[name]!(server.url)
      await client.connect()
      const ping = () => (client as unknown as {ping(): Promise<string>}).ping()
      onTestFinished(() => void (client as unknown as {disconnect(): unknown}).disconnect())
      const redis = await beside()
      const before = (await redis.clientList()).length
      const a = await up({prefix: freshPrefix()}, client)
      await a.link.subscribe('x')
      expect((await redis.clientList()).length).toBe(before + 2)
      await a.link.close()
      await expect.poll(async () => (await redis.clientList()).length).toBe(before)
      expect(await ping()).toBe('PONG')
    })

    it('says nothing of the password, right or wrong', async () => {
      const locked = await TestServer.start('redis', ['--requirepass', 'right-secret'])
      const address = (password: string) => `redis://:${password}@127.0.0.1:${locked.port}`
      await up({prefix: freshPrefix()}, clients[name]!(address('right-secret')))
      const b = join(redisBus(clients[name]!(address('wrong-secret')), {prefix: freshPrefix()}))
      await until(b, 'down')
      const refused: unknown = await b.link.publish('x', Buffer.from('x')).catch((error: unknown) => error)
      const words = inspect([b.node.errors, refused], {depth: 9, showHidden: true})
      expect(words).toContain('WRONGPASS')
      expect(words).not.toContain('secret')
    })
  })
})
