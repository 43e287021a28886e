import {
  Candy,
  createApp,
  injectable,
  OnClose,
  OnMessage,
  OnOpen,
  singleton,
  Token,
  WsRoute,
  type App,
} from 'candy-ws'
import {connect, type TestClient} from 'candy-ws/testing'
import {setTimeout as delay} from 'node:timers/promises'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {memoryLogger} from '../support/log.js'

let app: App
let events: string[]
let log: ReturnType<typeof memoryLogger>

beforeEach(() => {
  events = []
  log = memoryLogger()
})
afterEach(() => app.close())

async function serve(controller: new (...args: never[]) => object): Promise<void> {
  app = await createApp({controllers: [controller], logger: log})
}

async function ask(client: TestClient, type: string): Promise<unknown> {
  client.send({type, ref: 1})
  return (await client.next<{data: unknown}>()).data
}

describe('a controller instance', () => {
  it('belongs to one connection, and its fields are the state of it', async () => {
    @WsRoute('/count')
    @Token(false)
    class Counts {
      #count = 0
      @OnMessage('add') add() {
        return (this.#count += 1)
      }
    }
    await serve(Counts)
    const [a, b] = [await connect(app, '/count'), await connect(app, '/count')]
    expect([await ask(a, 'add'), await ask(a, 'add'), await ask(b, 'add')]).toEqual([1, 2, 1])
  })

  it("with scope 'singleton' is one for all connections, and is told whose message it is", async () => {
    @WsRoute('/count', {scope: 'singleton'})
    @Token(false)
    class Counts {
      #count = 0
      readonly ids = new Set<string>()
      @OnMessage('add') add({ws}: Candy) {
        this.ids.add(ws.id)
        return [(this.#count += 1), this.ids.size]
      }
      dispose() {
        events.push('disposed')
      }
    }
    await serve(Counts)
    const [a, b] = [await connect(app, '/count'), await connect(app, '/count')]
    expect([await ask(a, 'add'), await ask(b, 'add')]).toEqual([
      [1, 1],
      [2, 2],
    ])
    await a.close()
    await expect.poll(() => app.Route.wsServer.clientCount).toBe(1)
    expect(await ask(b, 'add')).toEqual([3, 2])
    expect(events).toEqual([])
    await app.close()
    expect(events).toEqual(['disposed'])
  })

  it('is not made for a handshake that is refused', async () => {
    @WsRoute('/refused', {auth: true})
    @Token(false)
    class Refused {
      constructor() {
        events.push('made')
      }
      @OnOpen() opened() {}
    }
    await serve(Refused)
    expect((await (await connect(app, '/refused')).closed).code).toBe(4001)
    expect(events).toEqual([])
  })

  it('row 68: whose constructor throws closes with 1011 and one log line', async () => {
    @WsRoute('/broken')
    @Token(false)
    class Broken {
      constructor() {
        throw new Error('the secret of the constructor')
      }
      @OnOpen() opened() {
        events.push('opened')
      }
    }
    await serve(Broken)
    const client = await connect(app, '/broken')
    expect(await client.closed).toEqual({code: 1011, reason: 'Internal error'})
    expect(log.errors()).toHaveLength(1)
    expect(JSON.stringify(log.errors()[0])).toContain('the secret of the constructor')
    expect(events).toEqual([])
  })
})

describe('the scope of a connection', () => {
  let number = 0
  @injectable()
  class Faulty {
    readonly name = `faulty ${(number += 1)}`
    dispose() {
      events.push(`${this.name} disposed`)
      throw new Error('cannot let go')
    }
  }
  @injectable()
  class Sound {
    readonly name = `sound ${(number += 1)}`
    async dispose() {
      await delay(5)
      events.push(`${this.name} disposed`)
    }
  }
  @singleton()
  class AppWide {
    dispose() {
      events.push('app disposed')
    }
  }

  @WsRoute('/scope')
  @Token(false)
  class Scoped {
    constructor(
      readonly faulty: Faulty,
      readonly sound: Sound,
      readonly appWide: AppWide,
      candy: Candy,
    ) {
      candy.ws.on('close', async () => {
        await delay(10)
        events.push('listener settled')
      })
    }
    @OnMessage('use') use(faulty: Faulty, sound: Sound) {
      return [faulty instanceof Faulty, sound instanceof Sound]
    }
    @OnClose() async closed() {
      await delay(10)
      events.push('handler settled')
    }
    dispose() {
      events.push('controller disposed')
    }
  }

  it('row 68: is disposed once, after what listens to the close has settled, even if a part of it throws', async () => {
    await serve(Scoped)
    const client = await connect(app, '/scope')
    expect(await ask(client, 'use')).toEqual([true, true])
    await client.close()
    await app.close()
    expect(events.slice(0, 2).toSorted()).toEqual(['handler settled', 'listener settled'])
    expect(events.at(-1)).toBe('app disposed')
    expect(new Set(events).size).toBe(events.length)
    expect(events.filter(event => event.startsWith('faulty'))).not.toEqual([])
    expect(events).toContain('controller disposed')
    expect(events).toHaveLength(2 + number + 2)
    expect(log.errors()).toHaveLength(1)
    expect(log.errors()[0]!.message).toContain('disposing')
  })

  it('has its rooms until the close handler is done', async () => {
    @WsRoute('/rooms')
    @Token(false)
    class Rooms {
      constructor(private readonly candy: Candy) {}
      @OnOpen() opened() {
        this.candy.ws.join('hall')
      }
      @OnClose() async closed() {
        await delay(5)
        events.push([...this.candy.ws.rooms].join())
      }
    }
    await serve(Rooms)
    await (await connect(app, '/rooms')).close()
    await expect.poll(() => events).toEqual(['hall'])
  })
})
