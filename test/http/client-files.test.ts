import {createApp} from 'candy-ws'
import {createServer} from 'node:http'
import {afterEach, describe, expect, it, onTestFinished, vi} from 'vitest'
import {hostServer} from '../support/host.js'
import {memoryLogger} from '../support/log.js'
import {serve} from '../support/serve.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

const files = ['/_candy/client.js', '/_candy/worker.js']

/** The worker as `client.js` asks for it. */
async function workerAddress(url: string): Promise<string> {
  const script = await (await fetch(`${url}/_candy/client.js`)).text()
  const [name] = /worker\.js\?v=[0-9a-f]{16}/.exec(script)!
  return `${url}/_candy/${name}`
}

describe.each(files)('%s', path => {
  it('is a script, and nobody keeps it without asking again', async () => {
    const {url} = await serve()
    const {status, headers} = await fetch(url + path)
    expect(status).toBe(200)
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'no-cache',
      etag: expect.stringMatching(/^"[0-9a-f]{16}"$/) as unknown,
      'x-content-type-options': 'nosniff',
    })
    for (const name of ['set-cookie', 'content-security-policy', 'vary'])
      expect([name, headers.get(name)]).toEqual([name, null])
  })

  it('is not sent again while it is the same', async () => {
    const {url} = await serve()
    const etag = (await fetch(url + path)).headers.get('etag')!
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await fetch(url + path, {headers: {'If-None-Match': known}})
      expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, etag, ''])
      expect(again.headers.get('cache-control')).toBe('no-cache')
    }
    expect((await fetch(url + path, {headers: {'If-None-Match': '"other"'}})).status).toBe(200)
  })

  it('answers HEAD with its head alone, and nothing else that is no GET', async () => {
    const {url} = await serve()
    const whole = await fetch(url + path)
    const head = await fetch(url + path, {method: 'HEAD'})
    expect([head.status, head.headers.get('etag')]).toEqual([200, whole.headers.get('etag')])
    expect(await head.text()).toBe('')
    expect((await whole.text()).length).toBeGreaterThan(0)
    expect((await fetch(url + path, {method: 'POST'})).status).toBe(404)
  })

  it.each([[false], [{auth: true}], [{use: [() => false]}]])(
    'is there in production, before the guards of the page: %j',
    async page => {
      vi.stubEnv('NODE_ENV', 'production')
      const {url} = await serve({page: page as never, auth: () => null})
      expect((await fetch(`${url}/_candy/`)).ok).toBe(false)
      expect((await fetch(url + path)).status).toBe(200)
    },
  )

  it('is there for a page of another origin: a script tag asks for no leave', async () => {
    const {url} = await serve()
    const headers = {'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'script'}
    const response = await fetch(url + path, {headers})
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([200, null])
  })

  it("is given by app.http(), on somebody else's server", async () => {
    const app = await createApp({logger: memoryLogger(), page: false})
    onTestFinished(() => app.close({drain: 300}))
    const listener = app.http()
    const {port} = await hostServer(
      createServer((request, response) =>
        listener(request, response, () => void response.writeHead(299).end()),
      ),
    )
    expect((await fetch(`http://127.0.0.1:${port}${path}`)).status).toBe(200)
  })
})

describe('the worker', () => {
  it('is kept for a year at the address that client.js knows', async () => {
    const {url} = await serve()
    const address = await workerAddress(url)
    const known = await fetch(address)
    expect(known.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(await known.text()).toBe(await (await fetch(`${url}/_candy/worker.js`)).text())
    const etag = known.headers.get('etag')!
    expect(address).toBe(`${url}/_candy/worker.js?v=${etag.slice(1, -1)}`)
    const again = await fetch(address, {headers: {'If-None-Match': etag}})
    expect([again.status, again.headers.get('cache-control')]).toEqual([
      304,
      'public, max-age=31536000, immutable',
    ])
  })

  it('is asked for again at any other: its version may be that of another node', async () => {
    const {url} = await serve()
    for (const query of ['?v=', '?v=0123456789abcdef', '?w=1']) {
      const response = await fetch(`${url}/_candy/worker.js${query}`)
      expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-cache'])
    }
  })
})

it('no other file of the package is served beside them', async () => {
  const {url} = await serve()
  for (const name of ['client.js.map', 'global.js', 'index.js', 'client.jsx', 'client', 'browser/client.js'])
    expect([name, (await fetch(`${url}/_candy/${name}`)).status]).toEqual([name, 404])
})
