import {Auth, Body, Candy, CandyError, Emits, OnMessage, OnOpen, Param, Query, Token, WsRoute} from 'candy-ws'
import {
  createClient,
  RequestError,
  type ClientOptions,
  type TypedClient,
  type TypedSocket,
} from 'candy-ws/client'
import {IsNumber, IsOptional, IsString} from 'class-validator'
import {describe, expect, it} from 'vitest'
import {WebSocket} from 'ws'
import {Program} from '../support/cli.js'
import {closedAfter} from '../support/client-socket.js'
import {Hand} from '../support/hand.js'
import {serve} from '../support/serve.js'

class Say {
  @IsString()
  text!: string
}

@WsRoute('/room/<id>')
@Emits('said', Say)
class RoomController {
  @OnOpen()
  opened(candy: Candy, @Param('id') id: string, @Query('from') from: string) {
    candy.ws.send({type: 'welcome', id, from})
  }

  @OnMessage('say')
  say(@Body() {text}: Say, candy: Candy) {
    candy.ws.send({type: 'said', text})
    return {text}
  }

  @OnMessage('fail')
  fail() {
    throw new CandyError('FULL', 'The room is full', {seats: 8})
  }

  @OnMessage('silent')
  silent() {
    return new Promise(() => undefined)
  }

  @OnMessage('bye')
  bye(candy: Candy) {
    candy.ws.close(4321, 'bye')
  }

  @OnMessage('text')
  text(candy: Candy) {
    candy.ws.send('no JSON')
    candy.ws.sendBinary(Buffer.from([1, 2]))
    candy.ws.send({type: 'open', odd: true})
  }

  @OnMessage('later')
  later() {
    return new Promise(resolve => setImmediate(() => resolve('late')))
  }

  @OnMessage('secret')
  @Auth()
  secret() {
    return 'secret'
  }
}

const logged: string[] = []
/** Lets the handler of `slow` answer. */
let finish: () => void

class Log extends Say {
  @IsOptional()
  @IsNumber()
  ref?: number
}

@WsRoute('/open')
@Token(false)
class OpenController {
  @OnOpen()
  opened() {
    logged.length = 0
  }

  @OnMessage('log')
  log(@Body() {text}: Log) {
    logged.push(text)
  }

  @OnMessage('logged')
  all() {
    return logged
  }

  @OnMessage('slow')
  slow() {
    return new Promise(resolve => (finish = () => resolve('late')))
  }
}

/** As `candy types` would write it. */
interface Contract {
  '/room/{id}': {
    params: {id: string}
    takes: {
      say: {body: {text: string}; reply: {text: string}}
      fail: {body: undefined; reply: unknown}
      silent: {body: undefined; reply: unknown}
      bye: {body: undefined; reply: unknown}
      text: {body: undefined; reply: unknown}
      secret: {body: undefined; reply: unknown}
      later: {body: undefined; reply: unknown}
    }
    sends: {said: {text: string}; welcome: {id: string; from: string}}
  }
  '/open': {
    params: {}
    takes: {
      log: {body: {text: string; ref?: number | null}; reply: unknown}
      logged: {body: undefined; reply: unknown}
      slow: {body: undefined; reply: unknown}
    }
    sends: {[type: string]: unknown}
  }
}

async function clientOf(options: ClientOptions = {}): Promise<TypedClient<Contract>> {
  const {url} = await serve({controllers: [RoomController]})
  return createClient<Contract>({url, WebSocket, ...options})
}

type Room = TypedSocket<Contract['/room/{id}']>

function enter(client: TypedClient<Contract>): Room {
  return closedAfter(client.ws('/room/{id}', {params: {id: '7'}}))
}

function next(
  room: Room,
  event: 'open' | 'message' | 'said' | 'welcome' | 'close' | 'error' | 'state',
): Promise<unknown[]> {
  return new Promise(resolve => room.on(event as 'error', (...args: unknown[]) => resolve(args)))
}

describe('a typed client', () => {
  it('connects with a fresh token and its cookie, and hears messages by their type', async () => {
    const client = await clientOf()
    const room = closedAfter(client.ws('/room/{id}', {params: {id: 'a b?ü'}, query: {from: '1 2'}}))
    expect(await next(room, 'welcome')).toEqual([{type: 'welcome', id: 'a b?ü', from: '1 2'}])
    expect(room.connected).toBe(true)
  })

  it('sends what is said before it is open, in order', async () => {
    const room = enter(await clientOf())
    const heard: string[] = []
    room.on('said', ({text}) => heard.push(text))
    expect(room.send('say', {text: 'one'})).toBe(true)
    expect(room.send('say', {text: 'two'})).toBe(true)
    await room.request('say', {text: 'three'})
    expect(heard).toEqual(['one', 'two', 'three'])
  })

  it('answers requests, each with its own answer', async () => {
    const room = enter(await clientOf())
    const texts = ['a', 'b', 'c']
    expect(await Promise.all(texts.map(text => room.request('say', {text})))).toEqual(
      texts.map(text => ({text})),
    )
  })

  it('rejects a request with the error of the server', async () => {
    const room = enter(await clientOf())
    const full = await room.request('fail').catch((error: unknown) => error)
    expect(full).toBeInstanceOf(RequestError)
    expect(full).toMatchObject({code: 'FULL', message: 'The room is full', details: {seats: 8}})
    await expect(room.request('say', {text: 1 as never})).rejects.toMatchObject({
      code: 'VALIDATION',
      details: [{path: 'text', rule: 'isString'}],
    })
    await expect(room.request('secret')).rejects.toMatchObject({code: 'UNAUTHORIZED'})
  })

  it('rejects a request that has no answer in time', async () => {
    const room = enter(await clientOf())
    await next(room, 'open')
    await expect(room.request('silent', undefined, {timeout: 20})).rejects.toMatchObject({code: 'TIMEOUT'})
  })

  it('rejects what was asked when the connection ends, and says how it ended', async () => {
    const room = enter(await clientOf())
    const closed = next(room, 'close')
    const asked = room.request('silent')
    const never = expect(asked).rejects.toMatchObject({code: 'CLOSED'})
    room.close(4000, 'enough')
    expect(await closed).toEqual([4000, 'enough'])
    await never
    expect(room.send('bye')).toBe(false)
    await expect(room.request('bye')).rejects.toMatchObject({code: 'CLOSED'})
    expect(room.connected).toBe(false)
  })

  it('hears the close code of the server', async () => {
    const room = enter(await clientOf())
    room.send('bye')
    expect(await next(room, 'close')).toEqual([4321, 'bye'])
  })

  it('hears text, bytes, and messages whose type is the name of an event, as messages', async () => {
    const room = enter(await clientOf())
    const heard: unknown[] = []
    let opened = 0
    room.on('open', () => (opened += 1))
    room.on('message', message => heard.push(message))
    await room.request('text')
    expect(heard.slice(1)).toEqual(['no JSON', new Uint8Array([1, 2]).buffer, {type: 'open', odd: true}])
    expect(opened).toBe(1)
  })

  it('hears what is listened to, as long as it is', async () => {
    const room = enter(await clientOf())
    const heard: string[] = []
    const hear = ({text}: {text: string}) => heard.push(text)
    room.on('said', hear)
    await room.request('say', {text: 'a'})
    room.off('said', hear)
    await room.request('say', {text: 'b'})
    expect(heard).toEqual(['a'])
  })

  it('gives what a listener throws to the error listeners, and goes on', async () => {
    const room = enter(await clientOf())
    const heard: string[] = []
    const failed = next(room, 'error')
    room.on('said', () => {
      throw new Error('mine')
    })
    room.on('said', ({text}) => heard.push(text))
    await room.request('say', {text: 'a'})
    expect(heard).toEqual(['a'])
    expect(await failed).toMatchObject([{message: 'mine'}])
  })

  it('keeps as many messages as it was told', async () => {
    const room = enter(await clientOf({queue: 2}))
    const sent = ['a', 'b', 'c'].map(text => room.send('say', {text}))
    expect(sent).toEqual([true, true, false])
    await expect(room.request('say', {text: 'd'})).rejects.toMatchObject({code: 'FULL'})
  })

  it('takes a token from a function, and none if it is told so', async () => {
    const hand = await Hand.open()
    for (const [token, offer] of [
      [() => 'abc', ['candy.v1', 'candy-token-abc']],
      [false, ['candy.v1']],
    ] as const) {
      enter(createClient<Contract>({url: hand.url, WebSocket, token}))
      expect((await hand.next()).offered).toEqual(offer)
    }
    expect(hand.asked).toBe(0)
  })

  it('goes on trying where there is no server, and closes with 1006 if it was told not to', async () => {
    const hand = await Hand.open()
    await hand.away()
    const failed: Error[] = []
    const why = {code: 1006, reason: `${hand.url} does not answer`}
    for (const [autoReconnect, state] of [
      [true, 'reconnecting'],
      [false, 'closed'],
    ] as const) {
      const room = enter(createClient<Contract>({url: hand.url, WebSocket, autoReconnect}))
      room.on('error', error => failed.push(error))
      expect(await next(room, 'state')).toEqual([state, why])
    }
    expect(failed).toEqual([])
  })

  it.each(['', '.', '..', 'a/b', 'a\\b', '\0'])(
    'takes no parameter that cannot stand in a path: %j',
    async id => {
      const client = await clientOf()
      expect(() => client.ws('/room/{id}', {params: {id}})).toThrow('/room/{id} needs a value for id')
    },
  )

  it.each([-1, 1.5, Number.NaN])('takes no queue of %s messages', async queue => {
    const client = await clientOf({queue})
    expect(() => enter(client)).toThrow('queue takes a whole number of messages')
  })

  it('hears a message once, whoever begins to listen meanwhile', async () => {
    const room = enter(await clientOf())
    let heard = 0
    const again = () => {
      heard += 1
      room.off('said', again)
      room.on('said', again)
    }
    room.on('said', again)
    await room.request('say', {text: 'a'})
    expect(heard).toBe(1)
    await room.request('say', {text: 'b'})
    expect(heard).toBe(2)
  })

  it('gives what an async listener rejects with to the error listeners', async () => {
    const room = enter(await clientOf())
    const failed = next(room, 'error')
    room.on('said', async () => Promise.reject(new Error('mine')))
    await room.request('say', {text: 'a'})
    expect(await failed).toMatchObject([{message: 'mine'}])
  })

  it('waits for ever if it is told so', async () => {
    const room = enter(await clientOf())
    const asked = room.request('later', undefined, {timeout: Number.POSITIVE_INFINITY})
    await expect(asked).resolves.toBe('late')
  })

  it('does not send what nobody waits for any longer, and hears no answer that is late', async () => {
    let give!: (token: string) => void
    const token = new Promise<string>(resolve => (give = resolve))
    const {url} = await serve({controllers: [OpenController]})
    const room = closedAfter(createClient<Contract>({url, WebSocket, token: () => token}).ws('/open'))
    const heard: unknown[] = []
    room.on('message', message => heard.push(message))
    await expect(room.request('log', {text: 'never'}, {timeout: 1})).rejects.toMatchObject({code: 'TIMEOUT'})
    give('none')
    await next(room, 'open')
    await expect(room.request('slow', undefined, {timeout: 1})).rejects.toMatchObject({code: 'TIMEOUT'})
    await expect.poll(() => finish).toBeDefined()
    finish()
    expect(await room.request('logged')).toEqual([])
    expect(heard).toEqual([])
  })

  it('keeps its own numbers apart from those of the app', async () => {
    const {url} = await serve({controllers: [OpenController]})
    const room = closedAfter(createClient<Contract>({url, WebSocket, token: false}).ws('/open'))
    const replied = next(room, 'message')
    room.send('log', {text: 'mine', ref: 1})
    expect(await room.request('logged')).toEqual(['mine'])
    expect(await replied).toEqual([{type: 'reply', ref: 1, data: null}])
  })

  it('closes with what can be said, or not at all', async () => {
    const room = enter(await clientOf())
    for (const code of [999, 1001, 5000, 1.5]) expect(() => room.close(code)).toThrow(RangeError)
    expect(() => room.close(4000, 'é'.repeat(62))).toThrow('at most 123 bytes')
    await next(room, 'open')
    expect(() => room.close(999)).toThrow(RangeError)
    expect(room.connected).toBe(true)
  })

  it('refuses a message that JSON cannot say, and waits for nothing', async () => {
    const room = enter(await clientOf())
    await expect(room.request('say', {text: 1n as never})).rejects.toThrow(TypeError)
    expect(() => room.send('say', {text: 1n as never})).toThrow(TypeError)
  })

  it('has the cookie of its token with the WebSocket of the runtime, too', async () => {
    const {url} = await serve({controllers: [RoomController]})
    const script = `import {createClient} from 'candy-ws/client'
createClient({url: '${url}'}).ws('/room/{id}', {params: {id: '7'}, query: {from: 'node'}})
  .on('message', message => { console.log(JSON.stringify(message)); process.exit() })
  .on('close', (code, reason) => { console.log(code, reason); process.exit() })`
    const args = ['--experimental-websocket', '--input-type=module', '--eval', script]
    const {stdout} = await new Program(process.execPath, args).exited
    expect(stdout).toBe('{"type":"welcome","id":"7","from":"node"}\n')
  })

  it('says where to get a WebSocket', () => {
    const client = createClient<Contract>({url: 'http://127.0.0.1', WebSocket: null})
    expect('WebSocket' in globalThis ? '' : thrownBy(() => enter(client))).toMatch(/^$|from the package 'ws'/)
  })
})

function thrownBy(fn: () => unknown): string {
  try {
    fn()
    return 'nothing'
  } catch (error) {
    return (error as Error).message
  }
}
