import {setTimeout as delay} from 'node:timers/promises'
import type {Socket} from '#candy/connection/socket.js'
import {Vitals} from '#candy/connection/vitals.js'
import {Wheel} from '#candy/connection/wheel.js'
import {defaultLimits} from '#candy/limits.js'
import {describe, expect, it, onTestFinished, vi} from 'vitest'
import {lateListener, numbers} from '../support/late.js'
import {frame, rawClient} from '../support/frames.js'
import {serve, signal, until} from '../support/serve-handlers.js'

describe('2. Reading pauses', () => {
  const atAnyRate = {messageRate: 'off', byteRate: 'off'} as const
  const size = 1_000
  const counted = (count: number) => numbers(count).map(n => frame(`${n} `.padEnd(size, '.')))

  it('row 42: at 64 frames, and goes on when the handler has settled; nothing is dropped or closed', async () => {
    const busy = signal()
    const late = lateListener(() => busy.fired)
    const {url} = await serve(late.handler, {limits: {...atAnyRate, maxPendingBytes: 'off'}})
    const client = (await rawClient(url)).open('/')
    await client.head
    // More than the buffers of both kernels and both sockets take while nobody reads.
    const total = 20_000
    for (const bytes of counted(total)) client.write(bytes)
    await delay(150)
    const stuck = client.socket.writableLength
    expect(stuck).toBeGreaterThan(0)
    await delay(50)
    expect(client.socket.writableLength).toBe(stuck)
    busy.fire()
    await until(() => late.heard.length >= total, 5_000)
    expect(late.heard.map(data => parseInt(data as string))).toEqual(numbers(total))
    expect(late.closes).toEqual([])
    client.destroy()
  })

  it('at 256 KiB', async () => {
    const busy = signal()
    const late = lateListener(() => busy.fired)
    const {url} = await serve(late.handler, {limits: {...atAnyRate, maxPending: 'off'}})
    const client = (await rawClient(url)).open('/')
    await client.head
    const total = 20_000
    for (const bytes of counted(total)) client.write(bytes)
    await delay(150)
    expect(client.socket.writableLength).toBeGreaterThan(0)
    busy.fire()
    await until(() => late.heard.length >= total, 5_000)
    expect(late.heard.map(data => parseInt(data as string))).toEqual(numbers(total))
    client.destroy()
  })
})

describe('the deadline of a pause', () => {
  it('lets a timeout of the handler go first that is as long', () => {
    const cuts: string[] = []
    const wheel = new Wheel()
    let now = 5_000
    vi.spyOn(wheel, 'refresh').mockImplementation(() => now)
    onTestFinished(() => wheel.end())
    const vitals = new Vitals(
      {
        socket: {pause: () => undefined} as Socket,
        limits: {...defaultLimits, pauseDeadline: 1_000},
        wheel,
        readyState: 1,
        exceeded: limit => cuts.push(limit),
        close: () => expect.unreachable(),
        cut: (code, reason) => cuts.push(`${code} ${reason}`),
        terminate: () => expect.unreachable(),
      },
      0,
    )
    vitals.pause()
    for (now of [5_999, 6_000, 6_001, 6_050]) expect(vitals.look(now)).toBeGreaterThan(0)
    expect(cuts).toEqual([])
    // One had its turn.
    vitals.moved()
    expect(vitals.look(7_000)).toBeGreaterThan(0)
    expect(vitals.look(7_150)).toBe(0)
    expect(cuts).toEqual(['pauseDeadline', '1013 Handlers are stuck'])
  })
})
