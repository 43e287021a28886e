import {createApp, type App, type Candy, type Handler, type RouteOptions} from 'candy-ws'
import {connect, type ConnectOptions, type TestClient} from 'candy-ws/testing'
import {afterEach} from 'vitest'
import {memoryLogger} from './log.js'

type AppOptions = NonNullable<Parameters<typeof createApp>[0]>

export interface ServeOptions extends AppOptions {
  /** Options of the routes; without a word on it they ask for no token. */
  readonly route?: RouteOptions<Candy>
}

/** An app on a free port with a log that can be read, and clients of it. */
export interface Served {
  readonly app: App
  readonly log: ReturnType<typeof memoryLogger>
  readonly url: string
  readonly connect: (path?: string, options?: ConnectOptions) => Promise<TestClient>
}

const open: App[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map(app => app.close({drain: 300})))
})

/** Serves one handler at `/`, or several by path, until the test is over. */
export async function serve(
  handlers: Handler<Candy> | Readonly<Record<string, Handler<Candy>>>,
  {route, ...options}: ServeOptions = {},
): Promise<Served> {
  const log = memoryLogger()
  const app = await createApp({logger: log, ...options})
  open.push(app)
  const byPath = typeof handlers === 'function' ? {'/': handlers} : handlers
  for (const [path, handler] of Object.entries(byPath)) app.Route.ws(path, handler, {token: false, ...route})
  const {url} = await app.listen({port: 0})
  return {
    app,
    log,
    url,
    connect: (path = '/', clientOptions = {}) => connect(app, path, {token: false, ...clientOptions}),
  }
}

/** A promise and the function that resolves it, for handlers that a test holds back or hears from. */
export function signal<T = void>(): {readonly fired: Promise<T>; readonly fire: (value: T) => void} {
  let fire!: (value: T) => void
  const fired = new Promise<T>(resolve => (fire = resolve))
  return {fired, fire}
}

/** Waits for what no event tells, such as a table that empties after the last listener. */
export async function until(holds: () => boolean, within = 2_000): Promise<void> {
  const deadline = Date.now() + within
  while (!holds()) {
    if (Date.now() > deadline)
      throw new Error(`it did not come to be within ${within} ms: ${holds.toString()}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
