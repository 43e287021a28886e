import {createApp, type App, type Logger} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import type {Server} from 'node:http'
import {setTimeout as delay} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {memoryLogger} from '../test/support/log.js'
import type {Host, MadeHost} from './hosts/host.js'
import {Matrix, readTable, writeTable, type Cells} from './matrix.js'
import {answerTo} from './support/answer.js'

const free = {token: false} as const

/** How long to wait for somebody who may never answer: longer than Socket.IO waits before it closes. */
const patience = 3_000

/** How long the slow `auth` takes: longer than Socket.IO gives a foreign socket. */
const slowMs = 1_500

/** An app with a route for each kind of `auth`, which says back what it hears. */
async function echoes(logger: Logger): Promise<App> {
  const app = await createApp({
    logger,
    // What nobody answers is answered by Candy then.
    limits: {upgradeTimeout: slowMs + 500},
    auth: request => (request.url === '/slow' ? delay(slowMs, {id: 'slow'}) : {id: 'fast'}),
  })
  for (const path of ['/fast', '/slow'])
    app.Route.auth.ws(path, Candy => Candy.ws.on('message', data => Candy.ws.send(data)), free)
  return app
}

/** What attaching may change of a server. */
function stateOf(server: Server) {
  const listeners = server.eventNames().map(event => [String(event), server.listenerCount(event)] as const)
  return {ownEmit: Object.hasOwn(server, 'emit'), listeners: new Map(listeners)}
}

/** What hosts and an app owe each other when the app is attached before, or after, the hosts' own sockets. */
export function attachContract(hosts: readonly Host[], order: 'before' | 'after'): void {
  const matrix = new Matrix()
  for (const host of hosts) hostContract(host, order, matrix.row(host))

  // With UPDATE=1 the guide says what is so.
  it(`is what the guide says, attached ${order} the hosts' own sockets`, () => {
    if (process.env.UPDATE) writeTable(String(matrix))
    expect(readTable()).toBe(String(matrix))
  })
}

function hostContract(host: Host, order: 'before' | 'after', cells: Cells): void {
  const suite = host.busy ? describe : describe.concurrent
  suite(`${host.name}, with Candy attached ${order} its own sockets`, () => {
    let app: App
    let made: MadeHost
    let port: number
    let detach: () => void
    let url: string
    const log = memoryLogger()

    beforeAll(async () => {
      app = await echoes(log)
      made = await host.make()
      if (order === 'after') port = await made.open()
      detach = app.attach(made.target)
      if (order === 'before') port = await made.open()
      url = `${host.scheme ?? 'http'}://127.0.0.1:${port}`
    }, 60_000)

    afterAll(async () => {
      await app?.close({drain: 500})
      await made?.close()
    }, 20_000)

    const talk = async (path: string) => {
      const client = await connect(url, path, free)
      client.send({to: path})
      expect(await client.next()).toEqual({to: path})
      await client.close()
    }

    it.concurrent('serves a Candy route whose auth answers at once', async () => {
      await talk('/fast')
      cells.fast = 'works'
    })

    it.concurrent('serves a Candy route whose auth takes its time', async () => {
      await talk('/slow')
      cells.slow = 'works'
    })

    it.concurrent('serves what is its own', async () => {
      await made.use(port)
      cells.own = `${host.own}: works`
    })

    it.concurrent('answers, or closes, what nobody has a route for', async () => {
      cells.unknown = await answerTo(url, '/unknown')
    })

    it.sequential("is what it was, once Candy is detached, and Candy's paths are unknown to it", async () => {
      const before = stateOf(made.server)
      detach()
      const {upgrade = 0} = Object.fromEntries(before.listeners)
      before.listeners.set('upgrade', upgrade - 1)
      if (upgrade === 1) before.listeners.delete('upgrade')
      expect(stateOf(made.server)).toEqual({...before, ownEmit: false})

      await made.use(port)
      const ask = (path: string) => answerTo(url, path, patience)
      const [unknown, ours] = await Promise.all([ask('/unknown'), ask('/fast')])
      expect(ours).toBe(unknown)
      expect(ours).not.toContain('Candy')
      cells.alone = unknown
    })

    it.sequential('outlives the app: connections are closed with 1012, the server stays open', async () => {
      const before = stateOf(made.server)
      app.attach(made.target)
      const client = await connect(url, '/fast', free)
      await app.close({drain: 1_000})
      expect(await client.closed).toEqual({
        code: 1012,
        reason: expect.stringMatching(/^retry=\d+$/) as string,
      })
      expect(stateOf(made.server)).toEqual(before)
      expect(made.server.listening).toBe(true)
      await made.use(port)
      expect(log.errors()).toEqual([])
    })
  })
}
