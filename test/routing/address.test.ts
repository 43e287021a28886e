import {createApp, type App} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'

let app: App
beforeAll(async () => {
  app = await createApp()
  for (const path of ['/', '/room/{id}', '/room/lobby', '/a.b/(c)+', '/é/{__proto__}'])
    app.Route.ws(path, Candy => Candy.ws.send({path, url: Object.entries(Candy.Request.data.url)}), {
      token: false,
    })
  await app.listen({port: 0})
})
afterAll(() => app.close())

async function ask(address: string): Promise<unknown> {
  const client = await connect(app, address, {token: false})
  const answer = await client.next()
  await client.close()
  return answer
}

describe('an address', () => {
  it.each([
    ['/', {path: '/', url: []}],
    ['/room/7', {path: '/room/{id}', url: [['id', '7']]}],
    ['/room/7/', {path: '/room/{id}', url: [['id', '7']]}],
    ['/room/lobby', {path: '/room/lobby', url: []}],
    ['/room/lobby/', {path: '/room/lobby', url: []}],
    ['/room/%6cobby', {path: '/room/lobby', url: []}],
    ['/room/Lobby', {path: '/room/{id}', url: [['id', 'Lobby']]}],
    ['/room/%C3%A9%20+', {path: '/room/{id}', url: [['id', 'é +']]}],
    ['/room/%2541', {path: '/room/{id}', url: [['id', '%41']]}],
    ['/room/7;x=1', {path: '/room/{id}', url: [['id', '7;x=1']]}],
    ['/a.b/(c)+', {path: '/a.b/(c)+', url: []}],
    ['/%C3%A9/x', {path: '/é/{__proto__}', url: [['__proto__', 'x']]}],
  ])('%s is served', async (address, expected) => {
    expect(await ask(address)).toEqual(expected)
  })

  it('gives a path parameter where the query names it too', async () => {
    expect(await ask('/room/7?id=8')).toEqual({path: '/room/{id}', url: [['id', '7']]})
  })

  it.each(['/room', '/room/', '/room/7/8', '/axb/(c)+', '/a.b/cc', '/rooms/7', '/__proto__', '/constructor'])(
    '%s is not found',
    async address => {
      await expect(ask(address)).rejects.toMatchObject({status: 404})
    },
  )

  it.each(['/room/%', '/room/%zz', '/room/%C3', '/room/%c0%af'])('%s is malformed', async address => {
    await expect(ask(address)).rejects.toMatchObject({status: 400})
  })
})
