import type {DescribedRoute} from '#candy/describe/description.js'
import {explainGuards, explainOptions, guardNames} from '#candy/page/guards.js'
import {createApp} from 'candy-ws'
import {describe, expect, it} from 'vitest'

const route: DescribedRoute = {
  kind: 'ws',
  path: '/room/{id}',
  params: ['id'],
  token: true,
  auth: true,
  use: ['rate-limit', 'roomName'],
  options: {},
  handler: 'RoomController',
  source: 'controllers/room.ts:87',
  messages: null,
}

describe('What a route asks for, in words', () => {
  it('is said in the order in which it is asked', () => {
    expect(guardNames(route)).toEqual(['auth', 'token', 'rate-limit', 'roomName'])
    expect(explainGuards(route).map(({term}) => term)).toEqual(guardNames(route))
  })

  it('names close codes on a WebSocket, and statuses over HTTP', () => {
    const words = (kind: 'ws' | 'post') =>
      explainGuards({...route, kind}).map(({words}) => /else (\d+)/.exec(words)?.[1])
    expect(words('ws')).toEqual(['4001', '4002', '1013', '4003'])
    expect(words('post')).toEqual(['401', '403', '429', '403'])
  })

  it('says every option in a sentence', async () => {
    const app = await createApp({})
    const options = {
      origins: ['https://app.example'],
      requireOrigin: true,
      refuse: 'http',
      public: true,
      parallel: 4,
      whitelist: 'strip',
      limits: {maxPayload: 1000, closeTimeout: 500, maxPending: 'off'},
    } as const
    app.Route.ws('/all', () => {}, options)
    const [{options: declared}] = app.routes() as unknown as [{options: object}]
    const said = explainOptions({...route, options: {...declared, scope: 'singleton'}})
    expect(said.map(({words}) => words).filter(words => !/^[A-Z\d].*\.$/.test(words))).toEqual([])
    expect(said.find(({term}) => term === 'maxPayload')?.words).toBe('At most 1,000 bytes.')
    expect(said.find(({term}) => term === 'parallel')?.words).toMatch(/^4 messages/)
    await app.close()
  })
})
