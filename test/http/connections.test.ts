import type {Candy} from 'candy-ws'
import {Connections} from '#candy/http/connections.js'
import {describe, expect, it, vi} from 'vitest'

/** As much of a connection as `Connections` looks at. */
function connection(session: string | undefined, key?: string) {
  const close = vi.fn<(code: number) => void>()
  return {candy: {session, ws: {close}, Auth: {key}} as unknown as Candy, close}
}

describe('6. Connections, by session and by user', () => {
  it('are found from when they are added until nothing is left of them', async () => {
    const connections = new Connections()
    const {candy, close} = connection('s')
    connections.add(candy)
    connections.endSession('s')
    expect(close).toHaveBeenCalledWith(4001, 'Unauthorized')
    connections.endSession('other')
    expect(close).toHaveBeenCalledTimes(1)
    const gone = connections.gone()
    connections.remove(candy)
    await gone
    connections.endSession('s')
    expect(close).toHaveBeenCalledTimes(1)
    expect(connections.size).toBe(0)
  })

  it('are found by the session they came with, whatever has become of that', () => {
    const connections = new Connections()
    const {candy, close} = connection('s')
    connections.add(candy)
    Object.assign(candy, {session: undefined})
    connections.endSession('s')
    expect(close).toHaveBeenCalledOnce()
    connections.remove(candy)
    connections.endSession('s')
    expect(close).toHaveBeenCalledOnce()
  })

  it('leave no session behind once its last connection is gone', () => {
    const connections = new Connections()
    gc!()
    const before = process.memoryUsage().heapUsed
    for (let count = 0; count < 50_000; count += 1) {
      const candy = {
        session: `${count}-a-session-of-usual-length`,
        Auth: {key: String(count)},
      } as unknown as Candy
      connections.add(candy)
      connections.remove(candy)
    }
    gc!()
    expect(connections.size).toBe(0)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(5_000_000)
  })

  it('of a user are closed and give their sessions; of a session without a known user one is listed', async () => {
    const connections = new Connections()
    const all = [
      connection('a', '7'),
      connection('a'),
      connection(undefined, '7'),
      connection('b', '8'),
      connection('c'),
      connection('c'),
      connection(undefined),
    ]
    for (const {candy} of all) connections.add(candy)
    expect(connections.endUser('7', () => true)).toEqual(['a'])
    expect(all.map(({close}) => close.mock.calls.length)).toEqual([1, 0, 1, 0, 0, 0, 0])
    expect([...connections.unknown()]).toEqual([all[1]!.candy, all[4]!.candy])
  })
})
