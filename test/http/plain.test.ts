import {createServer} from 'node:http'
import {createApp} from 'candy-ws'
import {afterEach, describe, expect, it} from 'vitest'
import {appFolder, removeFolders} from '../support/app-folder.js'
import {hostServer} from '../support/host.js'
import {memoryLogger} from '../support/log.js'
import {raw} from '../support/raw.js'
import {heldBy, nothing, serve} from '../support/serve.js'
import {signal} from '../support/serve-handlers.js'

afterEach(removeFolders)

const offer = (target: string, more = '') =>
  `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n${more}\r\n`

/** The whole answer to a request, once its connection is closed. */
async function answerTo(port: number, request: string): Promise<string> {
  const client = (await raw(port)).write(request)
  await client.closed
  return client.received.toString()
}

describe('7. An offer to speak something else than WebSocket, as curl --http2 and Java send it, is ignored', () => {
  it('pages, files and the token are answered as ever, and the connection closed', async () => {
    const dir = appFolder({'public/file.txt': 'a file'})
    const {port} = await serve({dir}, ({Route}) => Route.page('/page', Candy => `hello ${Candy.Request.ip}`))
    expect(await answerTo(port, offer('/page'))).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\nhello 127\.0\.0\.1$/)
    expect(await answerTo(port, offer('/file.txt'))).toMatch(/ 200 OK\r\n[^]*a file/)
    expect(await answerTo(port, offer('/_candy/token'))).toMatch(/ 200 OK\r\n[^]*"token"/)
    expect(await answerTo(port, offer('/nowhere'))).toMatch(/ 404 Not Found\r\n/)
  })

  it('with a body it is refused with 400: node no longer parses the connection, so nobody could read it', async () => {
    let ran = 0
    const {port} = await serve({}, ({Route}) => Route.post('/post', () => void (ran += 1), {token: false}))
    const post = offer('/post', 'Content-Length: 2\r\nContent-Type: application/json\r\n').replace(
      'GET',
      'POST',
    )
    expect(await answerTo(port, `${post}{}`)).toMatch(/ 400 Bad Request\r\n/)
    expect(ran).toBe(0)
  })

  it('is awaited and cut by close() as any other answer', async () => {
    const entered = signal()
    const {app, port} = await serve({}, ({Route}) =>
      Route.page('/slow', Candy => {
        entered.fire()
        return new Promise(resolve => Candy.signal.addEventListener('abort', resolve))
      }),
    )
    const client = (await raw(port)).write(offer('/slow'))
    await entered.fired
    await app.close({drain: 50})
    await client.closed
    await expect.poll(() => heldBy(app)).toEqual(nothing)
  })

  it('ends with its answer, or with its client', async () => {
    let abort!: () => void
    const aborted = () => new Promise<void>(resolve => (abort = resolve))
    const {app, port} = await serve({}, ({Route}) => {
      Route.page('/at-once', Candy => {
        Candy.signal.addEventListener('abort', abort)
        return 'done'
      })
      Route.page('/never', Candy => {
        Candy.signal.addEventListener('abort', abort)
        asked()
        return new Promise(() => undefined)
      })
    })
    let asked!: () => void
    const answered = aborted()
    expect(await answerTo(port, offer('/at-once'))).toMatch(/done$/)
    await answered

    const gone = aborted()
    const arrived = new Promise<void>(resolve => (asked = resolve))
    const client = (await raw(port)).write(offer('/never'))
    await arrived
    client.socket.end()
    await gone
    await client.closed

    // Nobody is left whom closing would wait for.
    const begun = performance.now()
    await app.close({drain: 5_000})
    expect(performance.now() - begun).toBeLessThan(2_500)
    expect(heldBy(app)).toEqual(nothing)
  })

  it('cuts only its own connection if an earlier request on it has no answer yet', async () => {
    const {port} = await serve({}, ({Route}) => {
      Route.page('/never', () => new Promise(() => undefined))
      Route.page('/page', () => 'still there')
    })
    const pipelined = `GET /never HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n${offer('/page')}`
    expect(await answerTo(port, pipelined)).toBe('')
    expect(await answerTo(port, offer('/page'))).toMatch(/still there$/)

    const app = await createApp({logger: memoryLogger()})
    const host = await hostServer(
      createServer((request, response) => void (request.url === '/' && response.end())),
    )
    app.attach(host.server)
    expect(await answerTo(host.port, pipelined)).toBe('')
    expect(await answerTo(host.port, offer('/'))).toMatch(/ 200 OK\r\n/)
    await app.close()
  })

  it("is the host's own where an app is attached", async () => {
    const app = await createApp({logger: memoryLogger()})
    app.Route.ws('/ours', () => undefined, {token: false})
    const {server, port} = await hostServer()
    app.attach(server)
    expect(await answerTo(port, offer('/'))).toMatch(/ 200 OK\r\n[^]*theirs$/)
    expect(await answerTo(port, offer('/ours'))).toMatch(/ 200 OK\r\n[^]*theirs$/)
    await app.close()
  })
})
