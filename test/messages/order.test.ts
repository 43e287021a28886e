import {setTimeout as delay} from 'node:timers/promises'
import {Candy, OnBinary, OnMessage, Parallel, Token, WsRoute} from 'candy-ws'
import {describe, expect, it} from 'vitest'
import {ask} from '../support/ask.js'
import {serve, signal} from '../support/serve-handlers.js'

@WsRoute('/bytes')
@Token(false)
class Bytes {
  @OnMessage('end') end() {}
  @OnBinary() bytes(chunk: Buffer, candy: Candy) {
    if (chunk.length === 0) throw new Error('empty')
    candy.ws.send({bytes: chunk.length})
  }
}

describe('5. Who hears a message', () => {
  it('on("message") hears every frame, typed ones too, before the typed handler', async () => {
    const heard: unknown[] = []
    const {connect} = await serve(Candy => {
      Candy.ws.on('message', data => heard.push(data))
      Candy.ws.on('say', Object, data => heard.push(['typed', data]))
      Candy.ws.on('end', Object, () => undefined)
    })
    const client = await connect()
    await ask(client, {type: 'say'})
    await ask(client, Buffer.from('x'))
    const end = {type: 'end', ref: 'end'}
    expect(heard).toEqual([{type: 'say'}, ['typed', {type: 'say'}], end, Buffer.from('x'), end])
  })

  it('a binary frame goes to @OnBinary', async () => {
    const {connect} = await serve({}, {controllers: [Bytes]})
    expect(await ask(await connect('/bytes'), Buffer.from([1, 2]))).toEqual([{bytes: 2}])
  })

  it('messages of one connection are handled one at a time, in the order they came', async () => {
    const log: unknown[] = []
    const {connect} = await serve(Candy =>
      Candy.ws.on('message', async data => {
        log.push(['begin', data])
        await delay(10 - (data as number))
        log.push(['end', data])
        if (data === 4) Candy.ws.send('done')
      }),
    )
    const client = await connect()
    for (let n = 0; n < 5; n += 1) client.send(String(n))
    expect(await client.next()).toBe('done')
    expect(log).toEqual(
      [0, 1, 2, 3, 4].flatMap(n => [
        ['begin', n],
        ['end', n],
      ]),
    )
  })

  it('another connection does not wait', async () => {
    const held = signal()
    const {connect} = await serve(Candy =>
      Candy.ws.on('message', async data => {
        if (data === 'hold') await held.fired
        Candy.ws.send('done')
      }),
    )
    const [slow, quick] = [await connect(), await connect()]
    slow.send('hold')
    quick.send('go')
    expect(await quick.next()).toBe('done')
    held.fire()
    expect(await slow.next()).toBe('done')
  })

  it('{parallel: n} and @Parallel(n) let n of them run at once', async () => {
    let running = 0
    let most = 0
    const busy = async () => {
      most = Math.max(most, (running += 1))
      await delay(10)
      running -= 1
    }
    @WsRoute('/class')
    @Token(false)
    @Parallel(3)
    class Controller {
      @OnMessage('busy') busy() {
        return busy()
      }
    }
    const {connect} = await serve(
      {'/function': Candy => void Candy.ws.on('busy', Object, busy)},
      {route: {parallel: 3}, controllers: [Controller]},
    )
    for (const path of ['/function', '/class']) {
      most = 0
      const client = await connect(path)
      for (let ref = 0; ref < 9; ref += 1) client.send({type: 'busy', ref})
      await client.take(9)
      expect(most).toBe(3)
    }
  })
})
