import {createApp, type App, type AppOptions} from 'candy-ws'
import {afterEach} from 'vitest'
import {memoryLogger} from './log.js'

const served: App[] = []
afterEach(async () => {
  await Promise.all(served.splice(0).map(app => app.close({drain: 500})))
})

export interface Served {
  readonly app: App
  readonly url: string
  readonly port: number
  readonly log: ReturnType<typeof memoryLogger>
}

/** An app that listens on a free port, keeps its log lines, and is closed after the test. */
export async function serve(options: AppOptions = {}, declare?: (app: App) => void): Promise<Served> {
  const log = memoryLogger()
  const app = await createApp({logger: log, ...options})
  served.push(app)
  declare?.(app)
  const {url, port} = await app.listen({port: 0})
  return {app, url, port, log}
}

/** What of an app only its own code sees. */
interface Internals {
  readonly upgrades: {
    readonly socketCount: number
    readonly connections: {readonly size: number}
  }
}

/** How much of its clients an app still holds. */
export function heldBy(app: App): {clients: number; connections: number; sockets: number} {
  const {upgrades} = app as unknown as Internals
  return {
    clients: app.Route.wsServer.clientCount,
    connections: upgrades.connections.size,
    sockets: upgrades.socketCount,
  }
}

export const nothing = {clients: 0, connections: 0, sockets: 0}
