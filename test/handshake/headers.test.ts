import {findHeader, packHeaders} from '#candy/handshake/headers.js'
import {CandyRequest} from '#candy/handshake/request.js'
import {expect, it} from 'vitest'

const headers = {
  host: 'localhost:3000',
  'x-empty': '',
  'x-colon': 'x-fake: 1, host: elsewhere',
  cookie: 'a=1; b=%20',
  'set-cookie': ['c=1', 'd=2'],
  constructor: 'of a header',
}

it('packed headers are found by their whole name, and nothing else is', () => {
  const text = packHeaders(headers)
  expect(findHeader(text, 'host')).toBe('localhost:3000')
  expect(findHeader(text, 'x-empty')).toBe('')
  expect(findHeader(text, 'x-colon')).toBe('x-fake: 1, host: elsewhere')
  expect(findHeader(text, 'constructor')).toBe('of a header')
  for (const name of ['', 'os', 'x-fake', 'toString', 'x-colon: x-fake', 'x-empty: \nx-colon', 'host:'])
    expect(findHeader(text, name), name).toBeUndefined()
})

it('a request answers the same after its headers are packed', () => {
  const head = {
    method: 'GET',
    url: '/a?q=1',
    headers: {
      ...headers,
      'x-forwarded-for': '10.1.1.1',
      'x-forwarded-host': 'far',
      'x-forwarded-proto': 'wss',
    },
    socket: {remoteAddress: '10.0.0.1'},
  }
  for (const trust of [() => false, (_address: string, hop: number) => hop === 0]) {
    const request = new CandyRequest(head, {id: '7'}, {q: '1'}, trust)
    const said = () => [
      ...[...Object.keys(headers), 'Host', 'toString', '__proto__'].map(name => request.header(name)),
      ...['a', 'b', 'c'].map(name => request.cookie(name)),
      request.ip,
      request.host,
      request.scheme,
      request.secure,
      request.url,
      request.data,
    ]
    const before = said()
    keep(request)
    keep(request)
    expect(said()).toEqual(before)
    expect(request.data).toBe(request.data)
  }
})

/** What is internal stands in no declaration. */
function keep(request: CandyRequest): void {
  ;(request as unknown as {keep(): void}).keep()
}
