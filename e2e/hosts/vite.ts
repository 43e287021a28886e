import {createServer as createHttpServer} from 'node:http'
import {createServer, type ViteDevServer} from 'vite'
import {expect} from 'vitest'
import {WebSocket} from 'ws'
import {messages} from '../support/messages.js'
import {end, listen} from '../support/server.js'
import type {Host} from './host.js'

export const viteHost: Host = {
  name: 'Vite 8, middleware mode',
  own: 'its HMR socket',
  async make() {
    const server = createHttpServer()
    let vite: ViteDevServer | undefined
    return {
      target: server,
      server,
      async open() {
        vite = await createServer({
          configFile: false,
          root: import.meta.dirname,
          cacheDir: '../.tmp/vite',
          appType: 'custom',
          logLevel: 'error',
          optimizeDeps: {noDiscovery: true},
          server: {middlewareMode: {server}, watch: null, ws: {server}},
        })
        server.on('request', vite.middlewares)
        return listen(server)
      },
      async use(port) {
        const token = vite!.config.webSocketToken
        const socket = new WebSocket(`ws://127.0.0.1:${port}/?token=${token}`, 'vite-hmr', {
          origin: `http://127.0.0.1:${port}`,
        })
        const next = messages(socket)
        expect(await next()).toEqual({type: 'connected'})
        vite!.ws.send({type: 'full-reload'})
        expect(await next()).toEqual({type: 'full-reload'})
        socket.terminate()
      },
      async close() {
        await vite?.close()
        await end(server)
      },
    }
  },
}
