import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:http'
import {join} from 'node:path'
import next from 'next'
import {expect} from 'vitest'
import {WebSocket} from 'ws'
import {messages} from '../support/messages.js'
import {end, expectPage, listen} from '../support/server.js'
import type {Host} from './host.js'

const e2e = join(import.meta.dirname, '..')

/** Its types tell of a `default` inside, as CommonJS has it; what comes is the function itself. */
const makeNext = next as unknown as typeof next.default

/** The tests' TypeScript loader would take what Next compiles for modules; it leaves `node_modules` alone. */
const config = {distDir: 'node_modules/.next', turbopack: {root: join(e2e, '..')}}

const files = {
  'package.json': '{}\n',
  'next.config.mjs': `export default ${JSON.stringify(config)}\n`,
  'pages/index.js': `export default function Page() { return 'theirs' }\n`,
}

export const nextHost: Host = {
  name: 'Next 16, custom server',
  own: 'its page and HMR socket',
  busy: true,
  async make() {
    mkdirSync(join(e2e, '.tmp'), {recursive: true})
    const dir = mkdtempSync(join(e2e, '.tmp', 'next-'))
    mkdirSync(join(dir, 'pages'))
    for (const [path, text] of Object.entries(files)) writeFileSync(join(dir, path), text)
    const server = createServer()
    let site: ReturnType<typeof makeNext> | undefined
    return {
      target: server,
      server,
      async open() {
        site = makeNext({dev: true, dir, httpServer: server, hostname: '127.0.0.1', quiet: true})
        await site.prepare()
        const handle = site.getRequestHandler()
        server.on('request', (request, response) => void handle(request, response))
        return listen(server)
      },
      async use(port) {
        await expectPage(`http://127.0.0.1:${port}/`)
        const socket = new WebSocket(`ws://127.0.0.1:${port}/_next/hmr?id=e2e`)
        expect(await messages(socket)()).toMatchObject({type: 'isrManifest'})
        socket.terminate()
      },
      async close() {
        await site?.close()
        await end(server)
        // Its compiler writes to its cache for a while after it was closed.
        rmSync(dir, {recursive: true, force: true, maxRetries: 20, retryDelay: 100})
      },
    }
  },
}
