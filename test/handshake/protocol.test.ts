import {readOffer} from '#candy/handshake/protocol.js'
import * as fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {ask, handshake} from '../support/raw.js'
import {serve} from '../support/serve.js'
import {fetchToken} from 'candy-ws/testing'

describe('6. Sessions, tokens: which subprotocol is selected', () => {
  it('selects candy.v1, else what is not the token, and echoes the token only if nothing else was offered', async () => {
    const {port, url} = await serve({}, app => {
      app.Route.ws('/x', Candy => Candy.ws.close())
      app.Route.ws('/free', Candy => Candy.ws.close(), {token: false})
    })
    const {token, cookie} = await fetchToken(url)
    const mine = `candy-token-${token}`
    const selected = async (offer: string | undefined, target = '/x') => {
      const answer = await ask(port, handshake(target, {'Sec-WebSocket-Protocol': offer, Cookie: cookie}))
      expect(answer.status).toBe(101)
      return [answer.headers.get('sec-websocket-protocol'), answer.close?.code]
    }
    expect(await selected(`candy.v1, ${mine}`)).toEqual(['candy.v1', 1000])
    expect(await selected(`${mine}, candy.v1`)).toEqual(['candy.v1', 1000])
    expect(await selected(`${mine},chat,candy.v1`)).toEqual(['candy.v1', 1000])
    expect(await selected(`chat, ${mine}`)).toEqual(['chat', 1000])
    expect(await selected(mine)).toEqual([mine, 1000])
    expect(await selected(undefined, '/free')).toEqual([undefined, 1000])
    expect(await selected('candy.v1', '/free')).toEqual(['candy.v1', 1000])
    // A refusal selects too: a browser that finds nothing selected would see 1006 and no reason.
    expect(await selected('candy.v1, candy-token-x')).toEqual(['candy.v1', 4002])
    expect(await selected('candy-token-x')).toEqual(['candy-token-x', 4002])
  })

  it.each(['', ',', 'a,,b', 'a b', 'candy.v1;q=1', '"candy.v1"', 'candy.v1,\u00e4'])(
    'answers 400 to the malformed offer %j',
    async offer => {
      let handled = 0
      const {port} = await serve({}, app => app.Route.ws('/x', () => (handled += 1), {token: false}))
      const answer = await ask(port, handshake('/x', {'Sec-WebSocket-Protocol': offer}))
      expect(answer.status).toBe(400)
      expect(handled).toBe(0)
    },
  )

  it('never throws and never selects what was not offered', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({unit: 'binary'})), header => {
        const offer = readOffer(header)
        if (offer?.selected === undefined) return
        expect(header.split(',').map(item => item.trim())).toContain(offer.selected)
      }),
      {numRuns: 500},
    )
  })
})
