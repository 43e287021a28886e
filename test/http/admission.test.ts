import {Admission} from '#candy/http/admission.js'
import {defaultLimits, type Limits} from '#candy/limits.js'
import {PassThrough} from 'node:stream'
import {describe, expect, it, onTestFinished, vi} from 'vitest'

function admission(limits: Partial<Limits>) {
  const gate = new Admission({...defaultLimits, acceptRate: 'off', ...limits})
  return {
    come: (address: string, pending = 0) => {
      const socket = new PassThrough()
      return {socket, refused: gate.admit(socket, address, pending)}
    },
    leave: gate.leave.bind(gate),
  }
}

describe('8. limits: handshakes', () => {
  it('are counted by address until their socket is gone', () => {
    const {come, leave} = admission({maxPerIp: 2})
    const first = come('10.0.0.1')
    expect([first.refused, come('10.0.0.1').refused, come('10.0.0.1').refused]).toEqual([
      undefined,
      undefined,
      'maxPerIp',
    ])
    expect(come('10.0.0.2').refused).toBeUndefined()
    leave(first.socket)
    leave(first.socket)
    expect([come('10.0.0.1').refused, come('10.0.0.1').refused]).toEqual([undefined, 'maxPerIp'])
  })

  it('count for nobody if they were refused, or came by a Unix socket', () => {
    const {come, leave} = admission({maxPerIp: 1})
    come('10.0.0.1')
    leave(come('10.0.0.1').socket)
    expect(come('10.0.0.1').refused).toBe('maxPerIp')
    expect([come('').refused, come('').refused]).toEqual([undefined, undefined])
  })

  it('are refused when there are too many in all, or too many wait', () => {
    const {come} = admission({maxConnections: 1, maxPendingUpgrades: 5})
    expect(come('a', 5).refused).toBe('maxPendingUpgrades')
    expect(come('a', 4).refused).toBeUndefined()
    expect(come('b').refused).toBe('maxConnections')
  })

  it('come at a rate: a second’s worth at once, then so many per second', () => {
    vi.useFakeTimers({toFake: ['performance']})
    onTestFinished(() => void vi.useRealTimers())
    const {come} = admission({acceptRate: 4})
    const passed = (count: number) => Array.from({length: count}, () => come('').refused === undefined)
    expect(passed(5)).toEqual([true, true, true, true, false])
    vi.advanceTimersByTime(500)
    expect(passed(3)).toEqual([true, true, false])
    vi.advanceTimersByTime(60_000)
    expect(passed(5)).toEqual([true, true, true, true, false])
  })

  it('of an address that is full take nothing of what there is for all', () => {
    const {come} = admission({maxPerIp: 1, acceptRate: 2})
    come('10.0.0.1')
    for (let count = 0; count < 100; count += 1) expect(come('10.0.0.1').refused).toBe('maxPerIp')
    expect(come('10.0.0.2').refused).toBeUndefined()
  })
})
