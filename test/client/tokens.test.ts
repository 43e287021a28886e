import {createApp} from 'candy-ws'
import {createServer, type IncomingMessage, type Server} from 'node:http'
import {describe, expect, it, onTestFinished} from 'vitest'
import {chanceIs, connectTo, storyOf, told} from '../support/client-socket.js'
import {Hand} from '../support/hand.js'
import {end, hostServer, listen} from '../support/host.js'
import {memoryLogger} from '../support/log.js'

/** An answer of `/_candy/token` that gives the next token each time. */
function tokens(): Hand['token'] {
  let last = 0
  return () => [200, JSON.stringify({token: `t${(last += 1)}`, expiresIn: 600, identity: 'me'})]
}

describe('A token', () => {
  it('row 64: is asked for anew for each connection, as is a function that gives one', async () => {
    chanceIs(0)
    const hand = await Hand.open()
    hand.token = tokens()
    let own = 0
    const give = async () => `t${(own += 1)}`
    for (const token of [true, give, () => `t${(own += 1) - 3}`]) {
      hand.refuse([1013, ''])
      const socket = connectTo(hand, {token})
      const first = await hand.next()
      await told(socket, 'open')
      first.terminate()
      const second = await hand.next()
      await told(socket, 'gap')
      const offered = [hand.refused.at(-1)!, first, second].map(guest => guest.offered)
      expect(offered).toEqual(['t1', 't2', 't3'].map(one => ['candy.v1', `candy-token-${one}`]))
    }
    expect(hand.asked).toBe(3)
  })

  it('is asked for where the server is, whatever the path', async () => {
    const hand = await Hand.open()
    hand.token = tokens()
    connectTo({url: `${hand.url.replace('http', 'ws')}/a/b?c=d#e`}, {token: true})
    const guest = await hand.next()
    expect([guest.request.url, guest.token]).toEqual(['/a/b?c=d', 't1'])
  })

  it.each([
    [404, 'gives no token: 404; a route without one wants {token: false}'],
    [403, 'gives no token: 403; a route without one wants {token: false}'],
  ])('that is refused with %i is told once, and asked for again', async (status, why) => {
    chanceIs(0)
    const hand = await Hand.open()
    const fresh = tokens()
    hand.token = () => (hand.asked < 4 ? [status] : fresh())
    const socket = connectTo(hand, {token: true})
    const story = storyOf(socket)
    await told(socket, 'open')
    expect(hand.asked).toBe(4)
    const message = `${hand.url}/_candy/token ${why}`
    expect(story).toEqual([
      ['error', new Error(message)],
      ['state', 'reconnecting', {code: 1006, reason: message}],
      ['state', 'open'],
      ['open'],
    ])
  })

  it.each([500, 503, 429])('that is refused with %i passes by itself, and is no error', async status => {
    chanceIs(0)
    const hand = await Hand.open()
    const fresh = tokens()
    hand.token = () => (hand.asked < 3 ? [status] : fresh())
    const socket = connectTo(hand, {token: true})
    const story = storyOf(socket)
    await told(socket, 'open')
    expect(hand.asked).toBe(3)
    expect(story.map(([event]) => event)).toEqual(['state', 'state', 'open'])
  })

  it.each([
    ['a page', '<!doctype html>'],
    ['JSON without a token', '{"tokens": []}'],
    ['null', 'null'],
  ])('that is %s is told, and asked for again', async (_, body) => {
    chanceIs(0)
    const hand = await Hand.open()
    const fresh = tokens()
    hand.token = () => (hand.asked < 3 ? [200, body] : fresh())
    const socket = connectTo(hand, {token: true})
    const story = storyOf(socket)
    expect((await hand.next()).token).toBe('t1')
    await told(socket, 'open')
    const message = expect.stringContaining(`${hand.url}/_candy/token gives no token`)
    expect(story.map(([event, what]) => [event, event === 'error' ? (what as Error).message : what])).toEqual(
      [
        ['error', message],
        ['state', 'reconnecting'],
        ['state', 'open'],
        ['open', undefined],
      ],
    )
  })

  it('whose maker fails is told, once for each kind of failure, and made again', async () => {
    chanceIs(0)
    const hand = await Hand.open()
    const failures = [new Error('no key'), new Error('no key'), new Error('no hope')]
    const token = () => {
      const failure = failures.shift()
      if (failure) throw failure
      return 'x'
    }
    const socket = connectTo(hand, {token})
    const story = storyOf(socket)
    await told(socket, 'open')
    expect(story).toEqual([
      ['error', new Error('no key')],
      ['state', 'reconnecting', {code: 1006, reason: 'no key'}],
      ['error', new Error('no hope')],
      ['state', 'open'],
      ['open'],
    ])
  })

  it('that fails again after it was good is told again', async () => {
    chanceIs(0)
    const hand = await Hand.open()
    const fresh = tokens()
    let good = true
    hand.token = () => (good ? fresh() : [404])
    const socket = connectTo(hand, {token: true})
    const errors: Error[] = []
    socket.on('error', error => errors.push(error))
    for (const count of [1, 2]) {
      const guest = await hand.next()
      await told(socket, 'open')
      good = false
      guest.terminate()
      await expect.poll(() => errors.length).toBe(count)
      good = true
    }
    await told(socket, 'open')
  })
})

describe('An answer to the question for a token that breaks off', () => {
  it('passes by itself, and is no error', async () => {
    chanceIs(0)
    let asked = 0
    const {port} = await hostServer(
      createServer((_, response) => {
        asked += 1
        response.write('{"token":', () => response.destroy())
      }),
    )
    const socket = connectTo({url: `http://127.0.0.1:${port}`}, {token: true})
    const story = storyOf(socket)
    await expect.poll(() => asked).toBeGreaterThan(1)
    const why = {code: 1006, reason: `http://127.0.0.1:${port} does not answer`}
    expect(story).toEqual([['state', 'reconnecting', why]])
  })
})

describe('An app that is killed, and started again where it was', () => {
  const asked: unknown[] = []
  const heard: unknown[] = []

  async function start(port?: number): Promise<{server: Server; port: number}> {
    const app = await createApp({logger: memoryLogger()})
    app.Route.ws('/', Candy => {
      Candy.ws.on('message', message => heard.push(message))
    })
    const server = createServer(app.http())
    app.attach(server)
    server.on('request', ({url}: IncomingMessage) => asked.push(url))
    onTestFinished(() => app.close({drain: 1}))
    return {server, port: await listen(server, port)}
  }

  it('finds its client again, with a fresh token, and hears in order what was said meanwhile', async () => {
    chanceIs(0)
    const first = await start()
    const socket = connectTo({url: `http://127.0.0.1:${first.port}`}, {token: true})
    const errors: Error[] = []
    socket.on('error', error => errors.push(error))
    await told(socket, 'open')
    const closed = told(socket, 'close')
    await end(first.server)
    await closed
    const texts = ['a', 'b', 'c']
    for (const text of texts) socket.send(text)
    const {server} = await start(first.port)
    onTestFinished(() => end(server))
    await told(socket, 'gap')
    await expect.poll(() => heard).toEqual(texts)
    expect(asked).toEqual(['/_candy/token', '/_candy/token'])
    expect(errors).toEqual([])
  })
})
