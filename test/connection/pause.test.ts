import {setTimeout as delay} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
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
