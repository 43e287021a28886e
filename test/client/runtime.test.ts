import {describe, expect, it} from 'vitest'
import {Candy} from 'candy-ws/client'
import {WebSocket} from 'ws'
import {Program} from '../support/cli.js'
import {closedAfter, told} from '../support/client-socket.js'
import {serve} from '../support/serve.js'
import {visitor} from '../support/visitor.js'

/** A route that takes a token, and says with what it was asked for. */
async function mirror(): Promise<string> {
  const {url} = await serve({}, app => {
    app.Route.ws('/mirror', Candy => {
      const {Request, ws} = Candy
      const [mine, session] = ['mine', 'candy_session'].map(name => Request.cookie(name))
      ws.send({own: Request.header('x-own'), mine, session})
    })
  })
  return `${url}/mirror`
}

type Headers = Readonly<Record<string, string>>

const runtimes: readonly (readonly [
  name: string,
  ask: (url: string, headers: Headers) => Promise<unknown>,
])[] = [
  [
    'the package ws',
    async (url, headers) => (await told(closedAfter(Candy.ws(url, {headers, WebSocket})), 'message'))[0],
  ],
  [
    'the WebSocket of the runtime',
    async (url, headers) => {
      const script = `import {Candy} from 'candy-ws/client'
const socket = Candy.ws('${url}', {headers: ${JSON.stringify(headers)}})
  .on('message', message => { console.log(JSON.stringify(message)); socket.close() })
  .on('close', (code, reason) => console.error(code, reason))`
      const args = ['--experimental-websocket', '--input-type=module', '--eval', script]
      const {stdout} = await new Program(process.execPath, args).exited
      return JSON.parse(stdout)
    },
  ],
]

describe.each(runtimes)('With %s, the client', (_, ask) => {
  it('carries the cookie that came with the token', async () => {
    const session = expect.stringMatching(/^.+$/)
    expect(await ask(await mirror(), {})).toEqual({session})
  })

  it('carries headers and cookies of its own beside it, however they are spelled', async () => {
    const url = await mirror()
    const session = expect.stringMatching(/^.+$/)
    for (const cookie of ['cookie', 'Cookie'])
      expect(await ask(url, {'X-Own': 'yes', [cookie]: 'mine=1'})).toEqual({own: 'yes', mine: '1', session})
  })

  it('stays in the session that it was given', async () => {
    const url = await mirror()
    const {cookie} = await visitor(new URL(url).origin)
    const session = cookie.split('=')[1]
    expect(await ask(url, {cookie})).toEqual({session})
  })

  it('takes the new session where the server no longer knows the one it was given', async () => {
    const url = await mirror()
    const [name] = (await visitor(new URL(url).origin)).cookie.split('=')
    const cookie = `${name}=of-long-ago; mine=1`
    const session = expect.not.stringContaining('of-long-ago')
    expect(await ask(url, {cookie})).toEqual({mine: '1', session})
  })
})
