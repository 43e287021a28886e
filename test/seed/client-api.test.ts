import {connect} from 'candy-ws/testing'
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import {block, fragmentApp, muteLog, nextLog} from './seed.js'

beforeEach(muteLog)
afterEach(() => {
  vi.unstubAllGlobals()
})

describe('Sending Messages', () => {
  it('sends a JSON object, a string and bytes, each as itself', async () => {
    vi.stubGlobal('buffer', Buffer.from([0, 1, 254, 255]))
    const app = await fragmentApp(block('Sending Messages'))
    const client = await connect(app, '/fragment')
    expect(await client.take(3)).toEqual([
      {type: 'message', text: 'Hello'},
      'Plain text message',
      Buffer.from([0, 1, 254, 255]),
    ])
  })
})

describe('Event Handlers', () => {
  it('listens to message, close and error', async () => {
    const app = await fragmentApp(block('Event Handlers'), {after: "Candy.ws.send('listening')"})
    const client = await connect(app, '/fragment')
    expect(await client.next()).toBe('listening')
    client.send('heard')
    expect(await client.close(1000)).toEqual({code: 1000, reason: ''})
  })

  it('message: an incoming message, JSON parsed, text as it is, bytes as a Buffer', async () => {
    const app = await fragmentApp(`Candy.ws.on('message', data =>
      Candy.ws.send({data: Buffer.isBuffer(data) ? ['bytes', ...data] : data}))`)
    const client = await connect(app, '/fragment')
    client.send({a: [1]})
    client.send('not JSON')
    client.send(Buffer.from([1, 2]))
    expect(await client.take(3)).toEqual([{data: {a: [1]}}, {data: 'not JSON'}, {data: ['bytes', 1, 2]}])
  })

  it('close: the connection closed', async () => {
    const app = await fragmentApp(
      `Candy.ws.on('close', (code, reason) => console.log('closed', code, reason))`,
    )
    const client = await connect(app, '/fragment')
    const closed = nextLog('closed')
    await client.close(4321, 'enough')
    expect(await closed).toEqual(['closed', 4321, 'enough'])
  })

  it('error: an error occurred, on the socket or in a listener', async () => {
    const app = await fragmentApp(`
      Candy.ws.on('error', err => console.log('error', err.message))
      Candy.ws.on('message', () => { throw new Error('mine') })`)
    const client = await connect(app, '/fragment')
    const thrown = nextLog('error')
    client.send('x')
    expect(await thrown).toEqual(['error', 'mine'])

    const failed = nextLog('error')
    client.send('x'.repeat(65_537))
    expect(await failed).toEqual(['error', 'Max payload size exceeded'])
    expect((await client.closed).code).toBe(1009)
  })
})

describe('Connection Management', () => {
  it('closes; ping and id still answer', async () => {
    const app = await fragmentApp(block('Connection Management'))
    const client = await connect(app, '/fragment')
    expect(await client.closed).toEqual({code: 1000, reason: ''})
  })

  it('ping sends a ping frame, which the peer answers', async () => {
    const app = await fragmentApp(`
      Candy.ws.on('pong', () => Candy.ws.send('pong'))
      Candy.ws.ping()`)
    const client = await connect(app, '/fragment')
    expect(await client.next()).toBe('pong')
  })

  it('id is unique to the client', async () => {
    const app = await fragmentApp('Candy.ws.send({id: Candy.ws.id})')
    const ids = await Promise.all(
      [1, 2, 3].map(async () => {
        const client = await connect(app, '/fragment')
        return (await client.next<{id: string}>()).id
      }),
    )
    expect(new Set(ids).size).toBe(3)
    expect([...app.Route.wsServer.clients.keys()].toSorted()).toEqual(ids.toSorted())
  })
})

describe('Client Data Storage', () => {
  it('keeps data per connection', async () => {
    const app = await fragmentApp(block('Client Data Storage'), {
      before: 'Candy.ws.send({before: Candy.ws.data})',
      after: 'Candy.ws.send({after: Candy.ws.data})',
    })
    for (const name of ['first', 'second']) {
      const client = await connect(app, `/fragment?${name}`)
      expect(await client.take(2)).toEqual([
        {before: {}},
        {after: {username: 'john', joinedAt: expect.any(Number) as number}},
      ])
    }
  })
})
