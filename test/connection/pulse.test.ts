import {Body, Candy, OnMessage, OnOpen, Token, WsRoute} from 'candy-ws'
import {describe, expect, it} from 'vitest'
import {closeFrame, frame, rawClient} from '../support/frames.js'
import {numbers} from '../support/late.js'
import {serve, signal} from '../support/serve-handlers.js'

const [ping, pong, busy] = ['ping', 'pong', 'busy'].map(name => ({type: `candy.${name}`}))
const pingFrame = frame(JSON.stringify(ping))
const withCandy = {headers: {'Sec-WebSocket-Protocol': 'candy.v1'}}

/** Hears messages, of which each takes until it is let go. */
function slow() {
  const heard: unknown[] = []
  const [began, letGo] = [signal(), signal()]
  const handler = (Candy: Candy) => {
    Candy.ws.on('message', async data => {
      heard.push(data)
      began.fire()
      await letGo.fired
    })
  }
  return {handler, heard, began: began.fired, letGo: letGo.fire}
}

describe('candy.ping, where candy.v1 was selected', () => {
  it('is answered while a handler runs and messages wait behind it', async () => {
    const {handler, heard, began, letGo} = slow()
    const client = await (await serve(handler)).connect()
    for (const n of numbers(10)) client.send(n)
    await began
    client.send(ping)
    expect(await client.next()).toEqual(pong)
    expect(heard).toEqual([0])
    letGo()
  })

  it('is answered while the connect handler runs, which hears nothing yet', async () => {
    const {fired, fire} = signal()
    const client = await (await serve(() => fired)).connect()
    client.send(ping)
    expect(await client.next()).toEqual(pong)
    fire()
  })

  it('is answered each time, whatever stands beside its type', async () => {
    const client = await (await serve(() => undefined)).connect()
    for (const text of [
      '{"type":"candy.ping"}',
      ' { "type" : "candy.ping" } ',
      '{"n":1,"type":"candy.ping"}',
    ]) {
      client.send(text)
      expect(await client.next()).toEqual(pong)
    }
  })

  it('reaches no listener and no handler', async () => {
    const heard: unknown[] = []
    @WsRoute('/all')
    @Token(false)
    class All {
      @OnOpen() opened(candy: Candy) {
        candy.ws.on('message', data => heard.push(data))
      }
      @OnMessage() rest(@Body() data: unknown) {
        heard.push(data)
        return undefined
      }
    }
    const {connect} = await serve({}, {controllers: [All]})
    const client = await connect('/all')
    client.send(ping)
    client.send({type: 'candy.pong'})
    client.send({type: 'candy.ping', padding: '.'.repeat(64)})
    client.send('the end')
    expect(await client.next()).toEqual(pong)
    await expect.poll(() => heard).toEqual(['the end', 'the end'])
    expect(client.pending).toEqual([])
  })

  it('takes no place among the messages that wait', async () => {
    const {handler, heard, began, letGo} = slow()
    const client = await (await serve(handler, {limits: {maxPending: 2}})).connect()
    client.send('first')
    await began
    for (let n = 0; n < 100; n += 1) {
      client.send(ping)
      expect(await client.next()).toEqual(pong)
    }
    client.send('second')
    letGo()
    await expect.poll(() => heard).toEqual(['first', 'second'])
  })

  it('is not what only speaks of it', async () => {
    const {connect} = await serve(Candy => {
      Candy.ws.on('message', data => Candy.ws.send(data))
    })
    const client = await connect()
    const about = ['candy.ping', {type: 'say', text: 'candy.ping'}, {to: 'candy.ping'}, ['candy.ping']]
    for (const data of about) client.send(data)
    client.send('"candy.ping"')
    client.send('{"candy.ping"')
    client.send(Buffer.from(JSON.stringify(ping)))
    expect(await client.take(7)).toEqual([
      ...about,
      'candy.ping',
      '{"candy.ping"',
      Buffer.from(JSON.stringify(ping)),
    ])
  })
})

describe('candy.ping, where it was not', () => {
  it.each([[[]], [['chat']]])('is a message as any other: %j', async protocols => {
    const {connect} = await serve(Candy => {
      Candy.ws.on('message', data => Candy.ws.send({heard: data}))
    })
    const client = await connect('/', {protocols})
    client.send(ping)
    expect(await client.next()).toEqual({heard: ping})
  })
})

describe('a client that has sent one', () => {
  it('is told when reading pauses, and when it goes on', async () => {
    const {handler, heard, began, letGo} = slow()
    const client = await (await serve(handler, {limits: {maxPending: 4}})).connect()
    client.send(ping)
    expect(await client.next()).toEqual(pong)
    client.send(0)
    await began
    for (const n of [1, 2, 3]) client.send(n)
    client.send(ping)
    expect(await client.next()).toEqual(pong)
    client.send(4)
    expect(await client.next()).toEqual(busy)
    letGo()
    expect(await client.next()).toEqual(pong)
    await expect.poll(() => heard).toEqual(numbers(5))
    expect(client.pending).toEqual([])
  })

  it('is told of the pause again where its ping had come already', async () => {
    const {handler, letGo} = slow()
    const {url} = await serve(handler, {limits: {maxPending: 4}})
    const client = (await rawClient(url)).open('/', withCandy)
    await client.head
    client.write(pingFrame)
    expect(textOf(await client.next())).toEqual(pong)
    // All in one packet, which is read to its end whatever pauses.
    client.write(...numbers(5).map(n => frame(String(n))), pingFrame)
    expect(textOf(await client.next())).toEqual(busy)
    expect(textOf(await client.next())).toEqual(busy)
    letGo()
    expect(textOf(await client.next())).toEqual(pong)
    client.destroy()
  })

  it('and one that has not, is not', async () => {
    const {handler, heard, began, letGo} = slow()
    const client = await (await serve(handler, {limits: {maxPending: 4}})).connect()
    client.send(0)
    await began
    for (const n of numbers(20)) client.send(n)
    letGo()
    await expect.poll(() => heard.length).toBe(21)
    client.send(ping)
    expect(await client.next()).toEqual(pong)
  })
})

describe('a client that asks and does not read', () => {
  it('makes one answer wait, and gets one more for all it asked meanwhile', async () => {
    // More than the buffers of both kernels take.
    const filler = Buffer.alloc(60_000)
    const fillers = 300
    const asked = signal()
    const {url} = await serve(
      Candy => {
        for (let n = 0; n < fillers; n += 1) Candy.ws.send(filler)
        Candy.ws.on('message', () => asked.fire())
      },
      {limits: {messageRate: 'off', maxBuffered: 'off'}},
    )
    const client = await rawClient(url)
    client.socket.pause()
    client.open('/', withCandy)
    for (let n = 0; n < 100; n += 1) client.write(...Array.from({length: 100}, () => pingFrame))
    client.write(frame('that was all'))
    await asked.fired
    client.socket.resume()
    for (let n = 0; n < fillers; n += 1) expect((await client.next()).opcode).toBe(2)
    expect(textOf(await client.next())).toEqual(pong)
    expect(textOf(await client.next())).toEqual(pong)
    client.write(closeFrame(1000))
    expect((await client.next()).opcode).toBe(8)
    client.destroy()
  })
})

describe('after the server decided to close', () => {
  it('nothing is answered, and nothing told', async () => {
    const {letGo, ...messages} = slow()
    const accepted = signal<Candy>()
    const {url} = await serve(
      Candy => {
        messages.handler(Candy)
        accepted.fire(Candy)
      },
      {limits: {maxPending: 4}},
    )
    const client = (await rawClient(url)).open('/', withCandy)
    await client.head
    client.write(pingFrame)
    expect(textOf(await client.next())).toEqual(pong)
    client.write(...numbers(10).map(n => frame(String(n))))
    expect(textOf(await client.next())).toEqual(busy)
    const Candy = await accepted.fired
    // Ends the pause, too.
    Candy.ws.close(4100, 'enough')
    client.write(pingFrame, pingFrame, closeFrame(4100))
    expect((await client.next()).opcode).toBe(8)
    await client.gone
    expect(client.frames).toEqual([])
    letGo()
    client.destroy()
  })
})

function textOf({opcode, payload}: {opcode: number; payload: Buffer}): unknown {
  expect(opcode).toBe(1)
  return JSON.parse(payload.toString())
}
