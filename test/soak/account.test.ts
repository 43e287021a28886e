import {describe, expect, it} from 'vitest'
import {Ledger, type ClientAccount, type ServerAccount} from '../../soak/account.js'

/** Eight messages said, all handled; five of room `a` heard. It stayed to the end. */
const client: ClientAccount = {
  connection: 1,
  kind: 'steady',
  sent: 8,
  acknowledged: 8,
  streams: {a: {from: 10, heard: 15, gaps: 0}},
  ended: 'stayed',
}
const server: ServerAccount = {
  connection: 1,
  handled: 8,
  gaps: 0,
  told: {a: {from: 10, last: 15}},
  code: 1_000,
  revoked: false,
}

/** What is found of one connection. */
function settled(ofClient: Partial<ClientAccount>, ofServer: Partial<ServerAccount> = {}): Ledger {
  const ledger = new Ledger()
  ledger.client({...client, ...ofClient})
  ledger.server({...server, ...ofServer})
  ledger.close()
  return ledger
}

const faults = (...accounts: Parameters<typeof settled>) =>
  settled(...accounts).faults.map(fault => fault.replace(/^.*?: /, ''))

describe('the ledger of a soak', () => {
  it('finds no fault where everything arrived', () => {
    const {totals, faults} = settled({})
    expect(faults).toEqual([])
    expect(totals).toMatchObject({connections: 1, sent: 8, handled: 8, acknowledged: 8, told: 5, heard: 5})
    expect(totals.lost).toEqual({stayed: {connections: 1, up: 0, down: 0}})
  })

  it('does not mind which side tells first', () => {
    const ledger = new Ledger()
    ledger.server(server)
    expect(ledger.open).toBe(1)
    ledger.client(client)
    expect(ledger.open).toBe(0)
    expect(ledger.faults).toEqual([])
  })

  it('explains by its end what was on its way to or from a connection', () => {
    const onItsWay = {acknowledged: 6, streams: {a: {from: 10, heard: 13, gaps: 0}}}
    const ends = [
      settled({...onItsWay, ended: 'reset'}, {handled: 7, code: 1_006}),
      settled({...onItsWay, ended: 'terminated'}, {handled: 7, code: 1_006}),
      settled({...onItsWay, ended: undefined}, {handled: 7, code: 4_001, revoked: true}),
      settled({...onItsWay, kind: 'stopped', ended: undefined}, {handled: 7, code: 1_013}),
      settled({...onItsWay, kind: 'stopped', ended: undefined}, {handled: 7, code: 1_006}),
    ]
    expect(ends.flatMap(({faults}) => faults)).toEqual([])
    expect(ends.map(({totals}) => totals.lost)).toEqual(
      ['reset', 'terminated', 'revoked', 'too slow', 'dead'].map(fate => ({
        [fate]: {connections: 1, up: 1, down: 2},
      })),
    )
  })

  it('loses nothing that was said before a goodbye', () => {
    expect(faults({ended: 'left', acknowledged: 7}, {handled: 7})).toEqual(['7 handled of 8 sent'])
    expect(faults({ended: 'left', acknowledged: 7})).toEqual([])
  })

  it('has every message acknowledged, and every stream heard to its end, of who stayed', () => {
    expect(faults({acknowledged: 7})).toEqual(['7 acknowledged of 8'])
    expect(faults({streams: {a: {from: 10, heard: 14, gaps: 0}}})).toEqual(['1 missing at the end of a'])
    expect(faults({streams: {}})).toEqual(['it was never told of a'])
  })

  it('lets no gap pass, whatever the end', () => {
    const reset = {ended: 'reset' as const}
    const gone = {code: 1_006}
    expect(faults({...reset, streams: {a: {from: 10, heard: 15, gaps: 2}}}, gone)).toEqual(['2 gaps in a'])
    expect(faults(reset, {...gone, gaps: 3})).toEqual(['3 of its messages were handled out of turn'])
    expect(faults({...reset, streams: {a: {from: 9, heard: 15, gaps: 0}}}, gone)).toEqual([
      'a began at 9, not at 10',
    ])
  })

  it('lets nothing pass that came from nowhere', () => {
    expect(faults({ended: 'reset', acknowledged: 8}, {handled: 7, code: 1_006})).toEqual([
      '8 acknowledged of 7 handled',
    ])
    expect(faults({ended: 'reset', sent: 7, acknowledged: 7}, {code: 1_006})).toEqual([
      '8 messages handled of 7 sent',
    ])
    expect(faults({ended: 'reset', streams: {a: {from: 10, heard: 16, gaps: 0}}}, {code: 1_006})).toEqual([
      'it heard 16 of a, where 15 was the last',
    ])
  })

  it('asks who ended a connection', () => {
    const asked = (code: number) => [`ended with ${code}, and nobody asked for it`]
    expect(faults({ended: undefined}, {code: 1_006})).toEqual(asked(1_006))
    expect(faults({ended: undefined}, {code: 4_001})).toEqual(asked(4_001))
    expect(faults({ended: 'stayed'}, {code: 1_008})).toEqual(asked(1_008))
    expect(faults({kind: 'slow', ended: undefined}, {code: 1_013})).toEqual(asked(1_013))
  })

  it('misses who is told of by one side only', () => {
    const ledger = new Ledger()
    ledger.client(client)
    ledger.server({...server, connection: 2})
    ledger.close()
    expect(ledger.faults).toEqual([
      'connection 1: the server says nothing of its end',
      'connection 2: the client says nothing of it',
    ])
  })
})
