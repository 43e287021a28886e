import type {App} from 'candy-ws'
import {connect, fetchToken} from 'candy-ws/testing'
import {signal} from '../support/serve-handlers.js'
import type {Served} from '../support/serve.js'
import {never, type Case, type Clients} from './limit-case.js'

const token = false

const quiet = ({Route}: App) => Route.ws('/', () => undefined, {token})

const onRequest: Omit<Case, 'exceed' | 'options'> = {declare: quiet, names: [], before: []}

const onHandshake: Omit<Case, 'exceed' | 'options'> = {...onRequest, names: ['route']}

/** There is room for one. */
async function second(_: Served, clients: Clients): Promise<void> {
  await clients.open()
  await (await clients.ask()).head()
}

/** Comes with a token. */
async function withToken({app, url}: Served): Promise<void> {
  const {token, cookie} = await fetchToken(url)
  const made = Date.now()
  while (Date.now() <= made + 1) await new Promise(resolve => setImmediate(resolve))
  await (
    await connect(app, '/', {token, headers: {cookie: cookie!}})
  ).closed
}

const lines = Object.fromEntries(Array.from({length: 40}, (_, n) => [`X-${n}`, 'x']))

/** The limits of handshakes, and of what else is asked. */
export const requestLimits = {
  upgradeTimeout: {
    ...onHandshake,
    options: {limits: {upgradeTimeout: 100}},
    declare: ({Route}) => Route.use(never).ws('/', () => undefined, {token}),
    exceed: async (_, clients) => (await clients.ask()).head(),
  },
  maxProtocolHeader: {
    ...onRequest,
    options: {limits: {maxProtocolHeader: 10}},
    exceed: (_, clients) => clients.ask('/', {'Sec-WebSocket-Protocol': 'p'.repeat(11)}),
  },
  maxToken: {
    ...onHandshake,
    options: {limits: {maxToken: 50}},
    declare: ({Route}) => Route.ws('/', () => undefined),
    exceed: withToken,
  },
  tokenTtl: {
    ...onHandshake,
    options: {limits: {tokenTtl: 1}},
    declare: ({Route}) => Route.ws('/', () => undefined),
    exceed: withToken,
  },
  maxPendingUpgrades: pendingUpgrades(),
  maxConnections: {...onHandshake, options: {limits: {maxConnections: 1}}, exceed: second},
  maxPerIp: {...onHandshake, names: ['route', 'ip'], options: {limits: {maxPerIp: 1}}, exceed: second},
  maxPerUser: {
    ...onHandshake,
    options: {limits: {maxPerUser: 1}, auth: () => ({id: 7})},
    declare: ({Route}) => Route.auth.ws('/', () => undefined, {token}),
    exceed: second,
  },
  acceptRate: {...onHandshake, options: {limits: {acceptRate: 1}}, exceed: second},
  headersTimeout: {
    ...onRequest,
    options: {limits: {headersTimeout: 100}},
    exceed: async (_, clients) => (await clients.reach()).write('GET / HTTP/1.1\r\nHost: a\r\n').head(),
  },
  maxHeaderSize: {
    ...onRequest,
    options: {limits: {maxHeaderSize: 1_000}},
    exceed: (_, clients) => clients.ask('/', {'X-Long': 'x'.repeat(1_000)}),
  },
  maxHeaders: {
    ...onRequest,
    options: {limits: {maxHeaders: 30}},
    exceed: (_, clients) => clients.ask('/', lines),
  },
  maxUrl: {
    ...onRequest,
    options: {limits: {maxUrl: 100}},
    exceed: (_, clients) => clients.ask(`/${'x'.repeat(100)}`),
  },
  maxQueryKeys: {
    ...onRequest,
    options: {limits: {maxQueryKeys: 1}},
    exceed: (_, clients) => clients.ask('/?a=1&b=2'),
  },
  maxBody: {
    ...onHandshake,
    options: {limits: {maxBody: 10}},
    declare: ({Route}) => Route.post('/', () => 'in', {token}),
    exceed: ({url}) => fetch(url, {method: 'POST', body: new URLSearchParams({a: 'x'.repeat(10)})}),
  },
} satisfies Readonly<Record<string, Case>>

/** One waits for its middleware. */
function pendingUpgrades(): Case {
  const waits = signal()
  return {
    ...onHandshake,
    options: {limits: {maxPendingUpgrades: 1}},
    declare: ({Route}) => {
      const wait = () => {
        waits.fire()
        return never()
      }
      Route.use(wait).ws('/', () => undefined, {token})
    },
    exceed: async (_, clients) => {
      await clients.ask()
      await waits.fired
      await (await clients.ask()).head()
    },
  }
}
