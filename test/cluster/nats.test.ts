import {randomBytes} from 'node:crypto'
import {createServer, type AddressInfo, type Socket} from 'node:net'
import {once} from 'node:events'
import {connect, type NodeConnectionOptions} from '@nats-io/transport-node'
import {expect, it, onTestFinished} from 'vitest'
import {natsBus} from '#candy/cluster/nats.js'
import {natsBusFrom} from '#candy/cluster/nats-url.js'
import {BusError} from '#candy/rooms/bus.js'
import {busContract} from '../contracts/bus.js'
import {join, until, type Joined} from '../support/bus-node.js'
import {describeWith, sharedUrl, TestServer} from '../support/servers.js'

const leaseTime = 1_500
const prefix = () => `test-${randomBytes(6).toString('hex')}`

describeWith('nats', true, 'NATS, by its URL', () => {
  busContract('nats', async () => {
    const server = await TestServer.start('nats')
    const options = {leaseTime, prefix: prefix()}
    return {
      server,
      leaseTime,
      bus: (port = server.port) => natsBusFrom(`nats://127.0.0.1:${port}`, options),
    }
  })
})

describeWith('nats', false, 'NATS, by a connection of yours', () => {
  busContract(
    'nats',
    async () => {
      const shared = sharedUrl('nats')
      const server = shared === undefined ? await TestServer.start('nats') : undefined
      const options = {leaseTime, prefix: `${prefix()}.app`}
      const connections: {close(): Promise<void>}[] = []
      let made = 0
      return {
        leaseTime,
        // What else it is made for does not matter.
        bus: async () => {
          const connection = await connect({
            servers: shared?.replace(/^nats:\/\//, '') ?? `127.0.0.1:${server!.port}`,
            noEcho: (made += 1) % 2 === 0,
            verbose: made % 3 === 0,
            pedantic: made % 5 === 0,
          })
          connections.push(connection)
          return natsBus(connection, options)
        },
        close: async () => void (await Promise.all(connections.map(connection => connection.close()))),
      }
    },
    false,
  )
})

describeWith('nats', true, 'a connection of yours', () => {
  async function open(options: NodeConnectionOptions = {}, server?: readonly string[]) {
    const nats = await TestServer.start('nats', server)
    onTestFinished(() => nats.end())
    const connection = await connect({servers: `127.0.0.1:${nats.port}`, reconnectTimeWait: 50, ...options})
    onTestFinished(() => connection.close())
    return {nats, connection, node: (): Joined => join(natsBus(connection, {prefix: 'mine'}))}
  }

  it('comes back with its subscriptions after a server that was away', async () => {
    const {nats, node} = await open({maxReconnectAttempts: -1})
    const [a, b] = [node(), node()]
    await Promise.all([until(a, 'up'), until(b, 'up')])
    await b.link.subscribe('x')
    await nats.kill()
    await until(a, 'down')
    // Refused at once, and not sent later.
    await expect(a.link.publish('x', Buffer.from('lost'))).rejects.toBeInstanceOf(BusError)
    await nats.restart()
    await Promise.all([until(a, 'up'), until(b, 'up')])
    await a.link.publish('x', Buffer.from('kept'))
    await expect.poll(() => b.node.heard).toEqual(['x kept'])
    expect(b.node.states).toEqual(['up', 'down', 'up'])
  })

  it('that has given up says what would have helped', async () => {
    const {nats, connection, node} = await open({maxReconnectAttempts: 2})
    const a = node()
    await until(a, 'up')
    await nats.kill()
    await connection.closed()
    await expect(a.link.publish('x', Buffer.from('1'))).rejects.toThrow('maxReconnectAttempts: -1')
    expect(a.node.states).toEqual(['up', 'down'])
    const b = node()
    await until(b, 'down')
    expect(b.node.errors[0]!.message).toContain('closed, for good')
  })

  it('is left open, and has nothing of ours any more', async () => {
    const {connection, node} = await open()
    const heard: string[] = []
    connection.subscribe('mine.>', {callback: (_, {subject}) => void heard.push(subject)})
    const a = node()
    await until(a, 'up')
    await a.link.subscribe('x')
    await a.link.close()
    expect(connection.isClosed()).toBe(false)
    connection.publish('mine.x', 'after')
    await connection.flush()
    expect(heard.at(-1)).toBe('mine.x')
    expect(a.node.heard).toEqual([])
  })

  it('refuses what is longer than the server takes, and is not down for that', async () => {
    const {node} = await open()
    const [a, b] = [node(), node()]
    await Promise.all([until(a, 'up'), until(b, 'up')])
    await b.link.subscribe('x')
    const sent = a.link.publish('x', Buffer.alloc(1024 * 1024 + 1))
    await expect(sent).rejects.toThrow('a message of 1048577 bytes is longer than')
    await a.link.publish('x', Buffer.from('short'))
    await expect.poll(() => b.node.heard).toEqual(['x short'])
    expect(a.node.states).toEqual(['up'])
  })

  it.each([
    ['publish', 'publish = "other.>", subscribe = ">"', 'Publish'],
    ['subscribe', 'publish = ">", subscribe = "_INBOX.>"', 'Subscription'],
  ])('that may not %s there is down, and says why', async (_, permissions, says) => {
    const {mkdtemp, rm, writeFile} = await import('node:fs/promises')
    const {tmpdir} = await import('node:os')
    const folder = await mkdtemp(`${tmpdir()}/candy-nats-`)
    onTestFinished(() => rm(folder, {recursive: true}))
    const config = `authorization { users = [{user: u, password: p, permissions: {${permissions}}}] }`
    await writeFile(`${folder}/nats.conf`, config)
    const {node} = await open({user: 'u', pass: 'p'}, ['-c', `${folder}/nats.conf`])
    const a = node()
    await until(a, 'down')
    expect(a.node.errors[0]).toBeInstanceOf(BusError)
    expect(a.node.errors[0]!.message).toContain(`Permissions Violation for ${says} to "mine.`)
  })
})

/** A NATS server of a few lines, that writes down what it was told. */
async function listening(answers: (line: string, socket: Socket) => void) {
  const server = createServer(socket => {
    socket.on('error', () => undefined)
    socket.write('INFO {"server_id":"x","version":"2.9.10","proto":1,"max_payload":1048576}\r\n')
    socket.on('data', bytes => {
      for (const line of bytes.toString().split('\r\n')) answers(line, socket)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

it('asks once for all that it has published at a time', async () => {
  const lines: string[] = []
  const port = await listening((line, socket) => {
    lines.push(line)
    if (line === 'PING') socket.write('PONG\r\n')
  })
  const a = join(await natsBusFrom(`nats://127.0.0.1:${port}`))
  await until(a, 'up')
  lines.length = 0
  await Promise.all(Array.from({length: 1_000}, () => a.link.publish('x', Buffer.from('1'))))
  expect(lines.filter(line => line.startsWith('PUB candy.x'))).toHaveLength(1_000)
  expect(lines.filter(line => line === 'PING')).toHaveLength(1)
})

it('tries for ever, whatever it is told: also where its password is wrong for a while', async () => {
  let isRight = false
  const seen: string[] = []
  const port = await listening((line, socket) => {
    if (line.startsWith('CONNECT')) seen.push(line)
    if (line !== 'PING') return
    if (isRight) socket.write('PONG\r\n')
    else socket.end("-ERR 'Authorization Violation'\r\n")
  })
  const a = join(await natsBusFrom(`nats://us%40er:se%2Fcret@127.0.0.1:${port}?prefix=my.app`))
  await until(a, 'down')
  await expect.poll(() => seen.length, {timeout: 5_000}).toBeGreaterThan(3)
  isRight = true
  await until(a, 'up')
  expect(JSON.parse(seen[0]!.slice(8))).toMatchObject({user: 'us@er', pass: 'se/cret'})
  expect(a.node.errors.map(error => error.message).join()).not.toMatch(/us@er|se.{1,3}cret/)
})

it.each([
  ['nats://u:secret@host:no-port', 'is none'],
  ['redis://u:secret@host', 'nats:// or tls://'],
  ['nats://u:secret@host/path', 'no path'],
  ['nats://u:secret@host?lease=1', '?prefix= and nothing else'],
  ['nats://u:secret%zz@host', 'percent-encoded'],
  ['nats://u:secret@host?prefix=a.%3E', 'prefix must be'],
  ['nats://u:secret@host?prefix=', 'prefix must be'],
])('refuses a URL that says what it does not know, without the password: %s', async (url, says) => {
  const error: unknown = await natsBusFrom(url).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(TypeError)
  expect(String(error)).toContain(says)
  expect(JSON.stringify([error, {...(error as object)}, (error as Error).stack])).not.toContain('secret')
})

it.each(['', '>', 'a.*', 'a b', 'a..b', '.a', 'a\r\nPUB', 5])('refuses the prefix %j', bad => {
  const connection = {publish: () => undefined, flush: async () => undefined} as never
  expect(() => natsBus(connection, {prefix: bad as string})).toThrow('prefix must be')
})

it('refuses what is no connection, and a lease time that is none', () => {
  expect(() => natsBus(Promise.resolve() as never)).toThrow('not the promise of one')
  const connection = {publish: () => undefined, flush: async () => undefined} as never
  for (const leaseTime of [0, -1, Number.NaN, 1e12])
    expect(() => natsBus(connection, {leaseTime})).toThrow('leaseTime')
})
