import type {Candy} from 'candy-ws'
import {IsOptional, IsString} from 'class-validator'
import {describe, expect, it} from 'vitest'
import {serve} from '../support/serve-handlers.js'

class Say {
  @IsOptional() @IsString() text?: string
}

describe('3. Candy.ws.on(type, Dto, fn)', () => {
  it('handles messages of that type, and answers their ref', async () => {
    const {connect} = await serve(Candy => Candy.ws.on('say', Say, message => ({said: message.text})))
    const client = await connect()
    client.send({type: 'say', text: 'hi', ref: 1})
    expect(await client.next()).toEqual({type: 'reply', ref: 1, data: {said: 'hi'}})
    client.send({type: 'other', ref: 2})
    expect(await client.next()).toMatchObject({type: 'error', ref: 2, code: 'UNKNOWN_TYPE'})
  })

  it('may be a type that has the name of an event', async () => {
    const {connect} = await serve(Candy => Candy.ws.on('close', Say, () => 'not closed'))
    const client = await connect()
    client.send({type: 'close', ref: 1})
    expect(await client.next()).toEqual({type: 'reply', ref: 1, data: 'not closed'})
  })

  it('goes with off', async () => {
    const {connect} = await serve(Candy => {
      const fn = () => {
        Candy.ws.off('say', fn)
        return 'once'
      }
      Candy.ws.on('say', Say, fn)
      Candy.ws.on('other', Say, () => 'other')
    })
    const client = await connect()
    client.send({type: 'say', ref: 1})
    client.send({type: 'say', ref: 2})
    expect(await client.take(2)).toMatchObject([
      {type: 'reply', data: 'once'},
      {type: 'error', ref: 2, code: 'UNKNOWN_TYPE'},
    ])
  })

  it('throws TypeError for a second handler of a type, a reserved type, and what is no function', async () => {
    const {connect} = await serve(({ws}) => {
      const attempts = [
        () => ws.on('say', Say, () => undefined).on('say', Say, () => undefined),
        () => ws.on('candy.ping', Say, () => undefined),
        () => ws.on('other', Say, 'no function' as never),
        () => ws.on('other', undefined as never, () => undefined),
      ]
      ws.send(
        attempts.map(attempt => {
          try {
            return attempt()
          } catch (error) {
            return (error as Error).name
          }
        }),
      )
    })
    expect(await (await connect()).next()).toEqual(['TypeError', 'TypeError', 'TypeError', 'TypeError'])
  })
})

const telling = (Candy: Candy) => {
  Candy.ws.on('message', data => Candy.ws.send({heard: data}))
}

describe('5. Types that begin with candy.', () => {
  it('reach no listener where candy.v1 was selected', async () => {
    const {connect} = await serve(telling)
    const client = await connect('/', {protocols: ['candy.v1']})
    expect(client.protocol).toBe('candy.v1')
    client.send({type: 'candy.anything', ref: 1})
    client.send({type: 'candy', ref: 2})
    expect(await client.next()).toEqual({heard: {type: 'candy', ref: 2}})
  })

  it('are like any other where it was not', async () => {
    const {connect} = await serve(telling)
    for (const protocols of [[], ['other.v1']]) {
      const client = await connect('/', {protocols})
      client.send({type: 'candy.anything'})
      expect(await client.next()).toEqual({heard: {type: 'candy.anything'}})
    }
  })
})
