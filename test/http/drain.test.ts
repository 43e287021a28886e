import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {setTimeout as delay} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {frame, rawClient} from '../support/frames.js'
import {serve, signal} from '../support/serve-handlers.js'

describe('8. app.close({drain})', () => {
  it('tells every client 1012, and the reason', async () => {
    const {app, connect} = await serve(() => undefined, {limits: {maxPerIp: 'off'}})
    const clients = await Promise.all(Array.from({length: 120}, () => connect()))
    await app.close({drain: 3_000})
    for (const client of clients)
      expect(await client.closed).toEqual({
        code: 1012,
        reason: expect.stringMatching(/^retry=\d+$/) as string,
      })
  })

  it('spreads the closing over at most a third of the time', async () => {
    const {app, connect} = await serve(() => undefined, {limits: {maxPerIp: 'off'}})
    const clients = await Promise.all(Array.from({length: 200}, () => connect()))
    const start = performance.now()
    const ends: number[] = []
    for (const client of clients) void client.closed.then(() => ends.push(performance.now() - start))
    await app.close({drain: 1_500})
    expect(ends).toHaveLength(200)
    expect(Math.max(...ends) - Math.min(...ends)).toBeGreaterThan(50)
    expect(Math.max(...ends)).toBeLessThan(1_000)
  })

  it('tells each when to come back: sooner where they are few, within ten seconds in any case', async () => {
    const {app, connect} = await serve(() => undefined, {limits: {maxPerIp: 'off'}})
    const clients = await Promise.all(Array.from({length: 200}, () => connect()))
    await app.close({drain: 3_000})
    const closes = await Promise.all(clients.map(client => client.closed))
    const retries = closes.map(({reason}) => Number(/^retry=(\d+)$/.exec(reason)?.[1]))
    expect(Math.min(...retries)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...retries)).toBeLessThanOrEqual(2_000)
    // Of 200 even ones, the chance that fewer than 60 are in either half is below one in a hundred million.
    const late = retries.filter(retry => retry > 1_000).length
    expect(late).toBeGreaterThan(60)
    expect(late).toBeLessThan(140)
  })

  it('spreads the closing over limits.drainSpread where that is less', async () => {
    const {app, connect} = await serve(() => undefined, {limits: {maxPerIp: 'off', drainSpread: 1}})
    const clients = await Promise.all(Array.from({length: 120}, () => connect()))
    const start = performance.now()
    await app.close({drain: 20_000})
    expect(performance.now() - start).toBeLessThan(2_000)
    for (const client of clients) expect((await client.closed).code).toBe(1012)
  })

  it('awaits close handlers', async () => {
    const done: string[] = []
    const {app, connect} = await serve(Candy =>
      Candy.ws.on('close', async code => {
        await delay(100)
        done.push(`closed ${code}`)
      }),
    )
    await connect()
    await connect()
    await app.close({drain: 3_000})
    expect(done).toEqual(['closed 1012', 'closed 1012'])
  })

  it('awaits a message handler that is under way, and starts no other', async () => {
    const begun = signal()
    const steps: unknown[] = []
    const {app, connect} = await serve(Candy =>
      Candy.ws.on('message', async data => {
        begun.fire()
        await delay(100)
        steps.push(data)
      }),
    )
    const client = await connect()
    client.send(1)
    client.send(2)
    await begun.fired
    await app.close({drain: 3_000})
    expect(steps).toEqual([1])
  })

  it('cuts at the deadline when a handler never settles', async () => {
    const never = new Promise(() => undefined)
    const {app, connect} = await serve({
      '/open': () => never,
      '/message': Candy => Candy.ws.on('message', () => never),
      '/close': Candy => Candy.ws.on('close', () => never),
    })
    const clients = [await connect('/open'), await connect('/message'), await connect('/close')]
    clients[1]!.send(1)
    const start = performance.now()
    await app.close({drain: 300})
    expect(performance.now() - start).toBeGreaterThan(250)
    expect(performance.now() - start).toBeLessThan(1_000)
    for (const client of clients) expect((await client.closed).code).toBe(1012)
  })

  it('cuts at the deadline a peer that does not answer the close frame', async () => {
    const {app, url} = await serve(() => undefined, {limits: {closeTimeout: 'off'}})
    const client = (await rawClient(url)).open('/')
    await client.head
    const start = performance.now()
    await app.close({drain: 300})
    expect(performance.now() - start).toBeLessThan(1_000)
    expect(await client.next()).toMatchObject({opcode: 8})
    await client.gone
    client.destroy()
  })

  it('cuts at the deadline a peer that is stopped', async () => {
    const {app, url} = await serve(() => undefined)
    const peer = spawn(process.execPath, ['-e', peerProgram, url.replace('http', 'ws')], {stdio: 'pipe'})
    await once(peer.stdout, 'data')
    peer.kill('SIGSTOP')
    const start = performance.now()
    await app.close({drain: 300})
    expect(performance.now() - start).toBeLessThan(1_000)
    peer.kill('SIGKILL')
    await once(peer, 'exit')
  })

  it('cuts at the deadline a refused peer that does not answer the close frame', async () => {
    const {app, url} = await serve(() => undefined, {route: {token: true}, limits: {closeTimeout: 60_000}})
    const client = (await rawClient(url)).open('/')
    expect(await client.next()).toMatchObject({opcode: 8})
    const start = performance.now()
    await app.close({drain: 300})
    expect(performance.now() - start).toBeLessThan(1_000)
    await client.gone
    client.destroy()
  })

  it('row 74: answers 503 to a handshake that is under way, and to one that comes later', async () => {
    const asked = signal()
    const answer = signal<boolean>()
    let accepted = 0
    const {app, url, connect} = await serve(Candy => Candy.ws.on('close', () => delay(200)))
    const slow = () => {
      asked.fire()
      return answer.fired
    }
    app.Route.use(slow).ws('/slow', () => void (accepted += 1), {token: false})
    await connect()
    const [during, later] = [await rawClient(url), await rawClient(url)]
    later.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n')
    await fetch(url)
    during.open('/slow')
    await asked.fired
    const closed = app.close({drain: 1_000})
    later.socket.write(handshake)
    expect(await during.head).toMatch(/^HTTP\/1.1 503 /)
    expect(await later.head).toMatch(/^HTTP\/1.1 503 [^]*Retry-After: /)
    answer.fire(true)
    await closed
    expect(accepted).toBe(0)
    during.destroy()
    later.destroy()
  })

  it.each(Array.from({length: 8}, (_, n) => n))(
    'leaves out no handshake, even one decided %i microtasks before',
    async depth => {
      const closed = signal<Promise<void>>()
      const {app, url} = await serve(() => undefined)
      const later = (turns: number): void =>
        turns > 0 ? queueMicrotask(() => later(turns - 1)) : closed.fire(app.close({drain: 300}))
      app.Route.use(() => later(depth)).ws('/closing', () => undefined, {token: false})
      const client = (await rawClient(url)).open('/closing')
      const head = await client.head
      if (!head.startsWith('HTTP/1.1 503')) expect((await client.next()).payload.readUInt16BE()).toBe(1012)
      client.destroy()
      await closed.fired
    },
  )

  it('takes no message after it began', async () => {
    const heard: unknown[] = []
    const {app, url} = await serve(Candy => Candy.ws.on('message', data => heard.push(data)))
    const client = (await rawClient(url)).open('/')
    await client.head
    const closed = app.close({drain: 300})
    client.write(frame('late'))
    await closed
    expect(heard).toEqual([])
    client.destroy()
  })
})

const handshake = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
].join('\r\n')

const peerProgram = `
  const socket = new (require('ws').WebSocket)(process.argv[1])
  socket.on('open', () => console.log('open'))
`
