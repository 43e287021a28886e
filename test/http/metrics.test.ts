import {createApp, type App, type AppOptions} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {execFileSync} from 'node:child_process'
import {describe, expect, it} from 'vitest'
import {bearer, scrape, token} from '../support/metrics.js'
import {ask, handshake} from '../support/raw.js'
import {serve} from '../support/serve.js'

const rooms = ({Route}: App) =>
  Route.ws(
    '/room/{id}',
    Candy => {
      Candy.ws.join(`room-${Candy.Request.data.url.id}`)
      Candy.ws.on('message', data => Candy.ws.send(data))
    },
    {token: false},
  )

const status = async (url: string, headers: Readonly<Record<string, string>> = {}) =>
  (await fetch(`${url}/_candy/metrics`, {headers})).status

describe('/_candy/metrics', () => {
  it('tells what the app does, as Prometheus reads it, by templates and never by what a client wrote', async () => {
    const {app, url, port} = await serve({metrics: {token}}, rooms)
    const client = await connect(app, '/room/secret-7', {token: false})
    client.send('four')
    expect(await client.next()).toBe('four')
    await ask(port, handshake('/nowhere/secret-8'))
    const answer = await fetch(`${url}/_candy/metrics`, {headers: bearer})
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const text = await answer.text()
    expect(text).not.toContain('secret')
    const lines = text.split('\n')
    for (const line of [
      '# TYPE candy_connections gauge',
      'candy_connections{route="/room/{id}"} 1',
      'candy_rooms 1',
      'candy_messages_total{route="/room/{id}",direction="in"} 1',
      'candy_messages_total{route="/room/{id}",direction="out"} 1',
      'candy_bytes_total{route="/room/{id}",direction="in"} 4',
      'candy_rejected_total{code="404",why="path"} 1',
      'candy_drain_remaining 0',
      '# TYPE candy_handler_seconds histogram',
      'candy_handler_seconds_bucket{le="+Inf",route="/room/{id}"} 1',
      'candy_handler_seconds_count{route="/room/{id}"} 1',
      'candy_upgrade_seconds_count 1',
      '# TYPE process_cpu_seconds_total counter',
    ])
      expect(lines).toContain(line)
    for (const line of lines)
      expect(line).toMatch(/^$|^# (?:HELP|TYPE) \w+ .+$|^\w+(?:\{.*\})? (?:[\d.e+-]+|Nan)$/)
    await client.close()
    await expect
      .poll(async () => (await scrape(url)).text)
      .toContain('candy_connections{route="/room/{id}"} 0\n')
  })

  it('tells what was refused of messages, by reason', async () => {
    const {app, url} = await serve({metrics: {token}}, ({Route}) =>
      Route.ws('/', Candy => Candy.ws.on('say', class Say {}, () => null, {validate: false}), {token: false}),
    )
    const client = await connect(app, '/', {token: false})
    client.send('no JSON')
    expect(await client.next()).toMatchObject({code: 'BAD_JSON'})
    expect((await scrape(url)).text).toContain('candy_messages_rejected_total{reason="bad_json"} 1\n')
  })

  it('tells each metric once, and at the next scrape what has been since the start', async () => {
    const {app, url} = await serve({metrics: {token}}, rooms)
    const client = await connect(app, '/room/7', {token: false})
    for (const total of [1, 2]) {
      client.send('x')
      await client.next()
      const {text} = await scrape(url)
      expect(text).toContain(`candy_messages_total{route="/room/{id}",direction="in"} ${total}\n`)
      const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)
      expect(new Set(names).size).toBe(names.length)
    }
  })

  it('is not there unless it is asked for', async () => {
    const {url} = await serve({}, rooms)
    expect(await status(url)).toBe(404)
    expect(await status((await serve({metrics: false})).url)).toBe(404)
  })

  it('asks for the token', async () => {
    const {url} = await serve({metrics: {token}})
    expect(await status(url, bearer)).toBe(200)
    const answer = await fetch(`${url}/_candy/metrics`)
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    for (const authorization of [
      token,
      `Bearer ${token}x`,
      `Bearer ${token.slice(1)}`,
      'Bearer ',
      `Basic ${token}`,
    ])
      expect(await status(url, {authorization})).toBe(401)
  })

  it('asks for the address, and takes none from whoever came through a proxy that nobody declared', async () => {
    const {url} = await serve({metrics: {allow: 'loopback'}})
    expect(await status(url)).toBe(200)
    for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'x-forwarded-proto', 'via'])
      expect(await status(url, {[name]: '127.0.0.1'})).toBe(403)
    const elsewhere = await serve({metrics: {allow: ['10.0.0.0/8', '192.0.2.1']}})
    expect(await status(elsewhere.url)).toBe(403)
  })

  it('takes the address that a trusted proxy tells', async () => {
    const {url} = await serve({trustProxy: true, metrics: {allow: ['192.0.2.1']}})
    expect(await status(url, {'x-forwarded-for': '192.0.2.1'})).toBe(200)
    expect(await status(url, {'x-forwarded-for': '192.0.2.1, 192.0.2.2'})).toBe(403)
    expect(await status(url)).toBe(403)
    const loopback = await serve({trustProxy: true, metrics: {allow: 'loopback'}})
    // It says that it is a proxy, and not for whom.
    expect(await status(loopback.url, {'x-forwarded-proto': 'https'})).toBe(403)
  })

  it('asks for both where both are given', async () => {
    const {url} = await serve({metrics: {token, allow: 'loopback'}})
    expect([await status(url), await status(url, bearer)]).toEqual([401, 200])
    const elsewhere = await serve({metrics: {token, allow: ['192.0.2.1']}})
    expect(await status(elsewhere.url, bearer)).toBe(403)
  })

  it.each([
    true,
    {},
    {token: 'short'},
    {allow: []},
    {allow: 'everybody'},
    {allow: ['10.0.0.0/99']},
    {tokens: token},
    'x',
  ])('is refused at boot for %j, with what to give', async wrong => {
    const refused = createApp({metrics: wrong} as unknown as AppOptions)
    await expect(refused).rejects.toThrow(
      /metrics.*It takes \{token: 16 characters or more\} or \{allow: addresses, CIDR ranges or 'loopback'\}/s,
    )
    await refused.catch((error: Error) => expect(error.message).not.toContain('short'))
  })
})

it('an app without metrics loads nothing of prom-client, and measures no time', () => {
  const program = `import {createApp} from '${new URL('../../dist/index.js', import.meta.url).href}'
import {createRequire} from 'node:module'
const {cache} = createRequire('${import.meta.url}')
const isLoaded = () => Object.keys(cache).some(file => file.includes('prom-client'))
const app = await createApp({})
app.Route.ws('/', () => {}, {token: false})
await app.listen({port: 0})
const before = isLoaded()
const measured = await createApp({metrics: {token: '${token}'}})
const {url} = await measured.listen({port: 0})
await (await fetch(url + '/_candy/metrics', {headers: {authorization: 'Bearer ${token}'}})).text()
console.log(JSON.stringify([before, isLoaded()]))
process.exit()`
  const out = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  expect(JSON.parse(out.toString())).toEqual([false, true])
})
