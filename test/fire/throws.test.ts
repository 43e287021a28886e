import {Candy, injectable, OnBinary, OnClose, OnError, OnMessage, OnOpen, Token, Use, WsRoute} from 'candy-ws'
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import {serve} from '../support/serve-handlers.js'

const words = "pw=hunter2; SELECT * FROM users WHERE name = 'ada'"

const ways: Readonly<Record<string, () => unknown>> = {
  throws: () => {
    throw new Error(words)
  },
  rejects: async () => {
    throw new Error(words)
  },
  'throws null': () => {
    throw null
  },
  'throws what cannot be read': () => {
    throw new Proxy(new Error(words), {
      get: () => {
        throw new TypeError(words)
      },
    })
  },
}

let fails: () => unknown
let errors = 0

@injectable()
class Broken {
  constructor() {
    // oxlint-disable-next-line typescript/no-floating-promises -- what a constructor returns nobody awaits: only its throw counts
    void fails()
  }
}

@WsRoute('/opened')
@Token(false)
class Opened {
  @OnOpen() open() {
    return fails()
  }
}

@WsRoute('/made')
@Token(false)
class Made {
  constructor(readonly broken: Broken) {}
  @OnOpen() open() {}
}

@WsRoute('/typed')
@Token(false)
class Typed {
  @OnMessage('fail') fail() {
    return fails()
  }
  @OnMessage('guarded') @Use(() => fails()) guarded() {}
  @OnMessage() rest() {
    return fails()
  }
  @OnBinary() bytes() {
    return fails()
  }
  @OnClose() closed() {
    return fails()
  }
  @OnError() failed() {
    errors += 1
    return fails()
  }
}

const handlers = {
  '/connect': () => fails() as undefined,
  '/listens': ({ws}: Candy) => {
    ws.on('message', () => fails())
    ws.on('close', () => fails())
    ws.on('error', () => {
      errors += 1
      return fails()
    })
  },
  '/echo': ({ws}: Candy) => void ws.on('message', data => ws.send(data)),
}

const unhandled: unknown[] = []
const unhandledRejection = (reason: unknown) => unhandled.push(reason)
beforeEach(() => {
  unhandled.length = errors = 0
  process.on('unhandledRejection', unhandledRejection)
})
afterEach(() => void process.off('unhandledRejection', unhandledRejection))

const served = () => serve(handlers, {controllers: [Typed, Opened, Made]})

describe.each(Object.keys(ways))('code that %s', way => {
  beforeEach(() => void (fails = ways[way]!))

  it('row 3: at the start is 1011, and harms nobody else', async () => {
    const {connect} = await served()
    const other = await connect('/echo')
    // A constructor cannot reject.
    const paths = ['/connect', '/opened', ...(way === 'rejects' ? [] : ['/made'])]
    for (const path of paths)
      expect(await (await connect(path)).closed, path).toEqual({code: 1011, reason: 'Internal error'})
    other.send('alive')
    expect(await other.next()).toBe('alive')
    expect(unhandled).toEqual([])
  })

  it('row 3: in a message, an error or a close handler is one answer, and harms nobody else', async () => {
    const {connect} = await served()
    const [other, typed, listens] = [
      await connect('/echo'),
      await connect('/typed'),
      await connect('/listens'),
    ]
    const internal = {type: 'error', code: 'INTERNAL', message: expect.any(String)}
    for (const message of [{type: 'fail', ref: 1}, {type: 'guarded', ref: 2}, 'text', Buffer.from([1])]) {
      typed.send(message)
      const ref = typeof message === 'object' && 'ref' in message ? {ref: message.ref} : {}
      expect(await typed.next()).toEqual({...internal, ...ref})
    }
    listens.send('text')
    await expect.poll(() => errors).toBe(5)
    await Promise.all([typed.close(), listens.close()])
    await expect.poll(() => errors).toBe(7)
    other.send('alive')
    expect(await other.next()).toBe('alive')
    expect(unhandled).toEqual([])
  })
})

it.each(['development', 'production', 'test', undefined])(
  'row 27: an error leaves none of its words at the client, in %s',
  async environment => {
    vi.stubEnv('NODE_ENV', environment)
    fails = ways.throws!
    try {
      const {connect, log} = await served()
      const typed = await connect('/typed')
      typed.send({type: 'fail', ref: 'mine'})
      const told = await typed.next()
      expect(told).toEqual({type: 'error', ref: 'mine', code: 'INTERNAL', message: expect.any(String)})
      const {reason} = await (await connect('/connect')).closed
      expect(JSON.stringify([told, reason])).not.toMatch(/hunter2|SELECT|throws\.test|\bat /)
      expect(JSON.stringify(log.errors())).toContain('hunter2')
    } finally {
      vi.unstubAllEnvs()
    }
  },
)
