import {CompactEncrypt, EncryptJWT, SignJWT, UnsecuredJWT} from 'jose'
import {Keys} from '#candy/identity/secret.js'
import {Seals} from '#candy/identity/seal.js'
import {describe, expect, it} from 'vitest'
import {accounts, logIn, unauthorized, whoIs} from '../support/accounts.js'
import {Browser} from '../support/browser.js'
import {sealFor} from '../support/seals.js'
import {serve} from '../support/serve.js'

const secret = 'the secret of the seal tests, of 32 and more'
const session = 'A'.repeat(22)
const keys = new Keys(secret)
const key = keys.derive('seal')
const hour = 60 * 60 * 1_000
const claims = (of = session) => ({user: {id: 1}, session: of, since: Date.now(), expires: Date.now() + hour})

/** What is no seal of this app, and could pass for one. */
const forged: Readonly<Record<string, (session: string) => string | Promise<string>>> = {
  'an empty one': () => '',
  'no JWT at all': () => 'user=1',
  'five dots': () => '.....',
  'plain JSON': of => encodeURIComponent(JSON.stringify(claims(of))),
  "another app's": of => sealFor(`${secret}!`, of),
  'one that has expired': of => sealFor(secret, of, {expires: Date.now()}),
  'alg none': of => new UnsecuredJWT(claims(of)).encode(),
  'one that is signed and not sealed': of =>
    new SignJWT(claims(of)).setProtectedHeader({alg: 'HS256'}).sign(key),
  'another enc': of =>
    new EncryptJWT(claims(of)).setProtectedHeader({alg: 'dir', enc: 'A128CBC-HS256'}).encrypt(key),
  'another alg': of =>
    new EncryptJWT(claims(of)).setProtectedHeader({alg: 'A256KW', enc: 'A256GCM'}).encrypt(key),
  'another alg by password': of =>
    new EncryptJWT(claims(of)).setProtectedHeader({alg: 'PBES2-HS256+A128KW', enc: 'A256GCM'}).encrypt(key),
  'the key of the tokens': of =>
    new EncryptJWT(claims(of)).setProtectedHeader({alg: 'dir', enc: 'A256GCM'}).encrypt(keys.derive('token')),
  'no expiry': of => seal({...claims(of), expires: undefined}),
  'no session': of => seal({...claims(of), session: undefined}),
  'an unknown critical header': of =>
    seal(claims(of)).then(text => {
      const header = Buffer.from('{"alg":"dir","enc":"A256GCM","crit":["x"],"x":1}').toString('base64url')
      return [header, ...text.split('.').slice(1)].join('.')
    }),
  'no JSON in it': () =>
    new CompactEncrypt(Buffer.from('user 1')).setProtectedHeader({alg: 'dir', enc: 'A256GCM'}).encrypt(key),
  'a list in it': of =>
    new CompactEncrypt(Buffer.from(JSON.stringify([claims(of)])))
      .setProtectedHeader({alg: 'dir', enc: 'A256GCM'})
      .encrypt(key),
  'one cut short': async of => (await sealFor(secret, of)).slice(0, -1),
  'one cut in half': async of => (await sealFor(secret, of)).slice(0, 60),
  'one with more behind it': async of => `${await sealFor(secret, of)}A`,
  'one in other characters': async of => (await sealFor(secret, of)).replaceAll(/[-_]|$/g, '='),
  'one of another session': () => sealFor(secret, 'B'.repeat(22)),
  'a very long one': () => 'A'.repeat(6_000),
}

function seal(payload: Record<string, unknown>): Promise<string> {
  return new EncryptJWT(payload).setProtectedHeader({alg: 'dir', enc: 'A256GCM'}).encrypt(key)
}

describe('6. A sealed cookie that is none of ours', () => {
  it('is nobody: no page, no socket, no error', async () => {
    const {url, log} = await serve({secret, routes: [accounts]})
    const a = new Browser(url)
    const token = await a.token()
    const answers: Record<string, unknown> = {}
    for (const [name, forge] of Object.entries(forged)) {
      const forger = a.copy().plant('candy_user', await forge(a.session!))
      const page = await forger.get('/private')
      const socket = await (await forger.connect('/live', {token})).closed
      answers[name] = [page.status, socket, await whoIs(forger)]
    }
    const nobody = [401, unauthorized, null]
    expect(answers).toEqual(Object.fromEntries(Object.keys(forged).map(name => [name, nobody])))
    expect(log.lines.filter(line => line.level === 'error' || line.level === 'warn')).toEqual([])
    // That the forgers had all else right.
    a.plant('candy_user', await sealFor(secret, a.session!))
    expect(await whoIs(a)).toEqual({id: 1})
  })

  it('is one whose text differs in any character, also in bits that decode to nothing', async () => {
    const seals = new Seals(keys)
    const text = await sealFor(secret, session)
    expect(await seals.open(text)).toMatchObject({user: {id: 1}, session})
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (let at = 0; at < text.length; at += 1) {
      const others = at > text.length - 3 ? [...alphabet.split(''), '.', '='] : ['A', 'B', '.']
      for (const other of others) {
        if (other === text[at]) continue
        const tampered = text.slice(0, at) + other + text.slice(at + 1)
        expect([at, other, await seals.open(tampered)]).toEqual([at, other, undefined])
      }
    }
  })

  it('proves nothing without its session, or with another', async () => {
    const {url} = await serve({secret, routes: [accounts]})
    const [a, b] = [new Browser(url), new Browser(url)]
    await logIn(a, {id: 1})
    await logIn(b, {id: 2})
    const alone = new Browser(url).plant('candy_user', a.seal!)
    expect(await whoIs(alone)).toBeNull()
    expect(await (await alone.connect('/live')).closed).toEqual(unauthorized)
    b.plant('candy_user', a.seal!)
    expect(await whoIs(b)).toBeNull()
    expect((await b.get('/private')).status).toBe(401)
    expect(await (await b.connect('/live')).closed).toEqual(unauthorized)
  })

  it('says nothing of the user to whoever reads it', async () => {
    const text = await sealFor(secret, session, {user: {id: 'ada-lovelace'}})
    const read = text.split('.').map(part => Buffer.from(part, 'base64url').toString('latin1'))
    for (const part of [text, ...read]) {
      expect(part).not.toContain('ada-lovelace')
      expect(part).not.toContain(session)
    }
  })

  it('is read on every node that shares the secret', async () => {
    const [one, two] = [await serve({secret, routes: [accounts]}), await serve({secret, routes: [accounts]})]
    const a = new Browser(one.url)
    await logIn(a, {id: 1})
    expect(await whoIs(new Browser(two.url, {}, a.cookies))).toEqual({id: 1})
  })
})
