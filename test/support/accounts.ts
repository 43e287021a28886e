import type {Candy, CandyRoot} from 'candy-ws'
import type {TestClient} from 'candy-ws/testing'
import {expect} from 'vitest'
import type {Browser} from './browser.js'

/** A small site with a login: every test of identity knows its way around in it. */
export function accounts({Route}: CandyRoot): void {
  Route.post('/login', Candy => {
    const {_token, ...user} = Candy.Request.data.post
    Candy.Auth.login(user as never)
    return {token: Candy.token()}
  })
  Route.post('/logout', Candy => Candy.Auth.logout())
  Route.page('/me', async Candy => Response.json(await Candy.Auth.user()))
  Route.page('/plain', () => 'asks nobody')
  Route.auth.page('/private', () => 'private')
  Route.auth.ws('/live', answering)
  Route.ws('/open', answering)
}

/** Tells who is there, on each message; `logout` logs out. */
async function answering(candy: Candy): Promise<void> {
  candy.ws.on('message', async data => {
    if (data === 'logout') candy.Auth.logout()
    else candy.ws.send({user: data === 'ask' ? await candy.Auth.user() : candy.ws.user})
  })
}

/** Logs in, and expects it to work. */
export async function logIn(browser: Browser, user: object): Promise<void> {
  expect((await browser.post('/login', user)).status).toBe(200)
}

/** Who the server says it is, on a page. */
export async function whoIs(browser: Browser): Promise<unknown> {
  return (await browser.get('/me')).json()
}

/** Whom the server knows at the other end of a socket, which proves that it is open. */
export async function whoIsOn(client: TestClient): Promise<unknown> {
  client.send('who')
  return (await client.next<{user: unknown}>()).user
}

export const unauthorized = {code: 4001, reason: 'Unauthorized'}

/** Expects a socket to be closed with 4001 within a second from now, as the contract has it. */
export async function endsSoon(client: TestClient): Promise<void> {
  const begun = performance.now()
  expect(await client.closed).toEqual(unauthorized)
  expect(performance.now() - begun).toBeLessThan(1_000)
}
