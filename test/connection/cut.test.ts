import type {Candy} from 'candy-ws'
import {describe, expect, it} from 'vitest'
import {frame, rawClient} from '../support/frames.js'
import {serve, signal} from '../support/serve-handlers.js'

/** What only the app's own code does. */
function cut({ws}: Candy): void {
  const {live} = ws as unknown as {live: {cut(code: number, reason: string): void}}
  live.cut(1008, 'Enough')
}

describe('a connection that is cut', () => {
  it('tells code and reason, writes nothing of what waited, and is gone though the client answers nothing', async () => {
    const ended = signal<[number, string]>()
    const {url, app} = await serve(Candy => {
      Candy.ws.on('close', (code, reason) => ended.fire([code, reason]))
      Candy.ws.on('message', () => {
        Candy.ws.send('waits for the end of the turn')
        cut(Candy)
        expect(Candy.ws.send('after')).toBe(false)
      })
    })
    const client = (await rawClient(url)).open('/', {frames: [frame('now')]})
    const closing = await client.next()
    expect(closing.opcode).toBe(8)
    expect(closing.payload.readUInt16BE()).toBe(1008)
    expect(closing.payload.toString('utf8', 2)).toBe('Enough')
    await client.gone
    expect(client.frames).toEqual([])
    expect(await ended.fired).toEqual([1008, 'Enough'])
    expect(app.Route.wsServer.clientCount).toBe(0)
    client.destroy()
  })

  it('hears nothing more, of the same packet neither', async () => {
    const heard: unknown[] = []
    const ended = signal<number>()
    const {url} = await serve(Candy => {
      Candy.ws.on('close', ended.fire)
      Candy.ws.on('ping', data => heard.push(data.toString()))
      Candy.ws.on('message', data => {
        heard.push(data)
        cut(Candy)
      })
    })
    const client = await rawClient(url)
    client.open('/', {frames: [frame('first'), frame('second'), frame('a ping', 9)]})
    await client.gone
    await ended.fired
    expect(heard).toEqual(['first'])
    client.destroy()
  })

  it('says what it was closed with first: cutting what is closing changes nothing', async () => {
    const {connect} = await serve(Candy => {
      Candy.ws.close(4000, 'first')
      cut(Candy)
    })
    expect(await (await connect()).closed).toEqual({code: 4000, reason: 'first'})
  })
})
