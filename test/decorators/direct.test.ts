import {Candy, createApp, inject, OnMessage, singleton, Token, WsRoute} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {container, injectable, Lifecycle, scoped} from 'tsyringe'
import {afterEach, describe, expect, it, onTestFinished} from 'vitest'

const disposed: string[] = []
afterEach(() => void disposed.splice(0))

@singleton()
class Clock {
  now() {
    return 7
  }
}

async function ask(controller: new (...args: never[]) => object, path: string) {
  const app = await createApp({controllers: [controller]})
  onTestFinished(() => app.close())
  const client = await connect(app, path)
  client.send({type: 'who', ref: 1})
  const {data} = await client.next<{data: unknown}>()
  await client.close()
  return {app, data}
}

describe('a controller that takes only Candy and singletons', () => {
  it('is made with them, and disposed with its connection, also by a field', async () => {
    @WsRoute('/field')
    @Token(false)
    class Field {
      constructor(
        readonly candy: Candy,
        readonly clock: Clock,
      ) {}
      dispose = () => void disposed.push(`at ${this.clock.now()}`)
      @OnMessage('who') who(candy: Candy) {
        return candy === this.candy
      }
    }
    const {app, data} = await ask(Field, '/field')
    expect(data).toBe(true)
    await app.close()
    expect(disposed).toEqual(['at 7'])
  })
})

describe('an inherited constructor', () => {
  it('keeps what its own class injects', async () => {
    container.register('ZONE', {useValue: 'UTC'})
    class Base {
      constructor(@inject('ZONE') readonly zone: unknown) {}
    }
    injectable()(Base)
    @WsRoute('/inherited')
    @Token(false)
    class Inherited extends Base {
      @OnMessage('who') who() {
        return this.zone
      }
    }
    expect((await ask(Inherited, '/inherited')).data).toBe('UTC')
  })
})

describe('a class that stands for another', () => {
  abstract class Port {}
  @scoped(Lifecycle.ContainerScoped)
  class Repository extends Port {
    constructor(readonly candy: Candy) {
      super()
    }
  }
  container.register(Port as never, {useToken: Repository})

  it('gives each connection its own', async () => {
    @WsRoute('/port')
    @Token(false)
    class WithPort {
      constructor(readonly port: Port) {}
      @OnMessage('who') who(candy: Candy) {
        return (this.port as Repository).candy === candy
      }
    }
    const {app} = await ask(WithPort, '/port')
    const second = await connect(app, '/port')
    second.send({type: 'who', ref: 2})
    expect(await second.next()).toMatchObject({data: true})
  })

  it('is captive where a singleton takes it', async () => {
    @singleton()
    class Keeper {
      constructor(readonly port: Port) {}
    }
    @WsRoute('/keeps')
    class Keeps {
      constructor(readonly keeper: Keeper) {}
      @OnMessage('who') who() {}
    }
    await expect(createApp({controllers: [Keeps]})).rejects.toThrow(
      /Keeper .*Repository[^]*CAPTIVE_DEPENDENCY/,
    )
  })
})
