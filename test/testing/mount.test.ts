import {
  Auth,
  Body,
  BootError,
  Candy,
  injectable,
  OnBinary,
  OnClose,
  OnMessage,
  OnOpen,
  Param,
  Use,
  WsRoute,
} from 'candy-ws'
import {mount, RefusedError, type Mounted} from 'candy-ws/testing'
import {afterEach, describe, expect, it} from 'vitest'
import {memoryLogger} from '../support/log.js'

let mounted: Mounted<object> | undefined
let events: unknown[] = []
afterEach(async () => {
  await mounted?.close()
  mounted = undefined
  events = []
})

@injectable()
class Greeter {
  greet(name: string) {
    return `hello ${name}`
  }
}

@WsRoute('/room/<id>')
@Auth()
@Use('door')
class Room {
  said: string[] = []
  constructor(
    private readonly candy: Candy,
    private readonly greeter: Greeter,
  ) {}
  @OnOpen() async opened(@Param('id') id: string) {
    const user = await this.candy.Auth.user()
    this.candy.ws.join(id)
    this.candy.ws.send({greeting: this.greeter.greet(String(user?.id)), id})
  }
  @OnMessage('say') say(@Body() {text}: {text: string}, @Param('id') id: string) {
    this.said.push(text)
    this.candy.ws.to(id).send({type: 'said', text})
    return this.said.length
  }
  @OnMessage('boom') boom() {
    throw new Error('the secret of boom')
  }
  @OnMessage('bye') bye() {
    this.candy.ws.close(4100, 'as you wish')
  }
  @OnBinary() bytes(chunk: Buffer) {
    this.candy.ws.sendBinary(Buffer.from(chunk.toReversed()))
  }
  @OnClose() closed(code: number, reason: string) {
    events.push({code, reason, rooms: [...this.candy.ws.rooms]})
  }
}

const logger = memoryLogger()

async function room(door = true) {
  const options = {path: '/room/7?as=guest', user: {id: 'ada'}, middleware: {door: () => door}, logger}
  const made = await mount(Room, options)
  mounted = made
  return made
}

describe('a controller mounted without a port', () => {
  it('listens nowhere', async () => {
    expect((await room()).app.url).toBeUndefined()
  })

  it('opens, is injected, and knows its user and parameters', async () => {
    const {client} = await room()
    expect(await client.next()).toEqual({greeting: 'hello ada', id: '7'})
  })

  it('takes messages and answers them, in order', async () => {
    const {client, controller} = await room()
    await client.next()
    client.send({type: 'say', text: 'hi', ref: 1})
    client.send({type: 'say', text: 'ho', ref: 2})
    expect(await client.take(4)).toEqual([
      {type: 'said', text: 'hi'},
      {type: 'reply', ref: 1, data: 1},
      {type: 'said', text: 'ho'},
      {type: 'reply', ref: 2, data: 2},
    ])
    expect(controller.said).toEqual(['hi', 'ho'])
  })

  it('takes bytes', async () => {
    const {client} = await room()
    await client.next()
    client.send(Buffer.from([1, 2, 3]))
    expect(await client.next()).toEqual(Buffer.from([3, 2, 1]))
  })

  it('tells faults as the server would', async () => {
    const {client} = await room()
    await client.next()
    client.send({type: 'boom', ref: 1})
    client.send({type: 'unheard of', ref: 2})
    expect(await client.take(2)).toMatchObject([
      {type: 'error', ref: 1, code: 'INTERNAL'},
      {type: 'error', ref: 2, code: 'UNKNOWN_TYPE'},
    ])
    expect(logger.errors()).toHaveLength(1)
  })

  it('closes the client', async () => {
    const {client} = await room()
    client.send({type: 'bye'})
    expect(await client.closed).toEqual({code: 4100, reason: 'as you wish'})
  })

  it('is closed by the client, hears it, and leaves its rooms', async () => {
    const {client, app} = await room()
    await client.next()
    expect(await client.close(4200, 'tired')).toEqual({code: 4200, reason: 'tired'})
    await expect.poll(() => events).toEqual([{code: 4200, reason: 'tired', rooms: ['7']}])
    await expect.poll(() => app.Route.wsServer.clientCount).toBe(0)
  })

  it('ends with close(), its close handlers done', async () => {
    const made = await room()
    await made.close()
    expect(events).toHaveLength(1)
    expect((await made.client.closed).code).toBe(1000)
  })
})

describe('mounting is refused', () => {
  it('by the guards of the route', async () => {
    await expect(mount(Room, {path: '/room/7', middleware: {door: () => true}})).rejects.toMatchObject({
      verdict: {kind: 'close', code: 4001, reason: 'Unauthorized'},
    })
    await expect(room(false)).rejects.toBeInstanceOf(RefusedError)
    await expect(room(false)).rejects.toThrow('refused with 4003 Forbidden')
  })

  it('for a path that is not there', async () => {
    await expect(mount(Room, {path: '/hall', middleware: {door: () => true}})).rejects.toMatchObject({
      verdict: {kind: 'status', status: 404},
    })
  })

  it('for a faulty controller', async () => {
    await expect(mount(Room, {path: '/room/7'})).rejects.toBeInstanceOf(BootError)
  })
})
