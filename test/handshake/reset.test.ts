import type {AppOptions, Candy} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {describe, expect, it} from 'vitest'
import {handshake, raw} from '../support/raw.js'
import {heldBy, nothing, serve} from '../support/serve.js'

/** A step that waits: the test knows when it began, and says when it ends. */
function gate() {
  let begun!: (candy?: Candy) => void
  let end!: () => void
  const ended = new Promise<void>(resolve => (end = resolve))
  const began = new Promise<Candy | undefined>(resolve => (begun = resolve))
  const step = async (candy?: unknown) => {
    begun(candy as Candy)
    await ended
  }
  return {step, began, end: () => end()}
}

/** Serves one slow route, resets the peer during `step`, and tells whether the handler ran. */
async function resetDuring(
  during: 'auth' | 'middleware' | 'handler',
  finish: 'answers' | 'throws',
): Promise<void> {
  const {step, began, end} = gate()
  const slow = async (candy?: unknown) => {
    await step(candy)
    if (finish === 'throws') throw new Error('late')
  }
  const options: AppOptions = {
    auth: async () => {
      if (during === 'auth') await slow()
      return {id: 1}
    },
  }
  const {app, port, log} = await serve(options)
  let handled = 0
  let closed = 0
  const guard = (candy: Candy) => (during === 'middleware' ? slow(candy) : undefined)
  app.Route.auth.use(guard).ws(
    '/x',
    async Candy => {
      handled += 1
      Candy.ws.on('close', () => void (closed += 1))
      if (during === 'handler') await slow(Candy)
    },
    {token: false},
  )
  app.Route.ws('/alive', Candy => Candy.ws.send('yes'), {token: false})

  const peer = await raw(port)
  peer.write(handshake('/x'))
  const candy = await began
  peer.reset()
  await expect.poll(() => heldBy(app).sockets).toBe(0)
  if (candy) expect(candy.signal.aborted).toBe(true)
  end()
  await expect.poll(() => heldBy(app)).toEqual(nothing)

  expect(handled).toBe(during === 'handler' ? 1 : 0)
  expect(closed).toBe(handled)
  // What a guard throws after the peer has gone fails because of it; a handler's own fault is told all the same.
  expect(log.errors()).toHaveLength(during === 'handler' && finish === 'throws' ? 1 : 0)
  const alive = await connect(app, '/alive', {token: false})
  expect(await alive.next()).toBe('yes')
}

describe('2. The handshake: a reset at every step leaves nothing and harms nobody', () => {
  it.each(['answers', 'throws'] as const)('while auth is asked, which %s late', finish =>
    resetDuring('auth', finish),
  )
  it.each(['answers', 'throws'] as const)('while middleware runs, which %s late', finish =>
    resetDuring('middleware', finish),
  )
  it.each(['answers', 'throws'] as const)('while the connect handler runs, which %s late', finish =>
    resetDuring('handler', finish),
  )

  it('before a byte, amid the request, right behind it, and right after the 101', async () => {
    const {app, port, log} = await serve()
    let opened = 0
    let closed = 0
    app.Route.use(async () => undefined).ws(
      '/x',
      Candy => {
        opened += 1
        Candy.ws.on('close', () => void (closed += 1))
      },
      {token: false},
    )
    const request = handshake('/x')
    for (let round = 0; round < 20; round += 1) {
      for (const sent of [0, 1, 10, request.length - 1, request.length]) {
        const peer = await raw(port)
        if (sent > 0) await new Promise(resolve => peer.socket.write(request.subarray(0, sent), resolve))
        peer.reset()
      }
      const peer = await raw(port)
      expect((await peer.write(request).head()).status).toBe(101)
      peer.reset()
    }
    await expect.poll(() => heldBy(app)).toEqual(nothing)
    await expect.poll(() => closed).toBe(opened)
    expect(opened).toBeGreaterThanOrEqual(20)
    expect(log.errors()).toEqual([])
  })

  it('while a refusal is told, with a status or a close code', async () => {
    const {app, port, log} = await serve()
    app.Route.use(() => false).ws('/close', () => undefined, {token: false})
    app.Route.use(() => false).ws('/http', () => undefined, {token: false, refuse: 'http'})
    for (let round = 0; round < 50; round += 1) {
      const peer = await raw(port)
      const target = round % 2 === 0 ? '/close' : '/http'
      await new Promise(resolve => peer.socket.write(handshake(target), resolve))
      if (round % 4 < 2) await peer.head()
      peer.reset()
    }
    await expect.poll(() => heldBy(app)).toEqual(nothing)
    expect(log.errors()).toEqual([])
  })

  it('ends the peer of a pending handshake when the app closes, with 503', async () => {
    const {step, began, end} = gate()
    const {app, port} = await serve()
    app.Route.use(step).ws('/x', () => undefined, {token: false})
    const peer = await raw(port)
    peer.write(handshake('/x'))
    await began
    const closing = app.close({drain: 1_000})
    expect((await peer.head()).status).toBe(503)
    await closing
    end()
    expect(heldBy(app)).toEqual(nothing)
  })
})
