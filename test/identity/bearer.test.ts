import {generateKeyPairSync} from 'node:crypto'
import {bearer, BootError, type BearerOptions, type CandyRequest} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {exportSPKI, importJWK, SignJWT, UnsecuredJWT, type CryptoKey, type JWTPayload} from 'jose'
import {describe, expect, it} from 'vitest'
import {endsSoon, unauthorized} from '../support/accounts.js'
import {Browser} from '../support/browser.js'
import {issuer, jwksServer, secondsFromNow} from '../support/jwks.js'
import {serve} from '../support/serve.js'

const secret = 'the secret of the bearer tests, of 32 and more'
const free = {token: false} as const

function hs256(claims: JWTPayload = {}, of = secret, alg = 'HS256'): Promise<string> {
  return new SignJWT({sub: '1', exp: secondsFromNow(3_600), ...claims})
    .setProtectedHeader({alg})
    .sign(new TextEncoder().encode(of))
}

const unnamed = () => issuer('ES256', null)

/** An app that knows its users by their tokens, and what it makes of one. */
async function knowing(options: BearerOptions) {
  const served = await serve({auth: bearer(options)}, ({Route}) => {
    Route.auth.ws('/x', Candy => Candy.ws.send({user: Candy.ws.user}), free)
    Route.auth.page('/private', Candy => ({user: Candy.ws.user}))
  })
  const open = (headers: Record<string, string>) => connect(served.app, '/x', {...free, headers})
  /** The user, or the close code. */
  const as = async (authorization: string) => {
    const client = await open({authorization})
    return Promise.race([client.next<{user: unknown}>().then(({user}) => user), client.closed]).catch(
      () => client.closed,
    )
  }
  return {...served, open, as, token: (text: string) => as(`Bearer ${text}`)}
}

describe('6. bearer({secret})', () => {
  it('makes a user of the claims, with sub as id', async () => {
    const {token, url} = await knowing({secret})
    const exp = secondsFromNow(100)
    const text = await hs256({name: 'Ada', exp})
    expect(await token(text)).toEqual({id: '1', sub: '1', name: 'Ada', exp})
    const a = new Browser(url)
    expect((await a.get('/private', {authorization: `Bearer ${text}`})).json()).toMatchObject({
      user: {id: '1'},
    })
    expect((await a.get('/private')).status).toBe(401)
    expect((await a.get('/private', {authorization: `Bearer ${text}x`})).status).toBe(401)
  })

  it('reads the header as RFC 6750 has it', async () => {
    const {as} = await knowing({secret})
    const text = await hs256()
    for (const header of [`Bearer ${text}`, `bearer ${text}`, `BEARER   ${text}`])
      expect(await as(header)).toMatchObject({id: '1'})
    for (const header of [
      text,
      `Basic ${text}`,
      `Bearer`,
      `Bearer ${text} x`,
      `Bearer ${text},${text}`,
      `Bearer=${text}`,
    ])
      expect(await as(header)).toEqual(unauthorized)
  })

  it('treats any other token as nobody, without an error', async () => {
    const {token, log} = await knowing({secret, issuer: 'https://id.example', audience: 'chat'})
    const good = {iss: 'https://id.example', aud: 'chat'}
    const [header, payload, signature] = (await hs256(good)).split('.') as [string, string, string]
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const bad: Record<string, string> = {
      'another secret': await hs256(good, `${secret}!`),
      'another algorithm': await hs256(good, secret, 'HS512'),
      'alg none': new UnsecuredJWT({sub: '1', ...good}).encode(),
      'alg none, signed': [part({alg: 'none'}), payload, signature].join('.'),
      'alg none, in capitals': [part({alg: 'NONE'}), payload, ''].join('.'),
      'alg RS256': [part({alg: 'RS256'}), payload, signature].join('.'),
      'alg a number': [part({alg: 5}), payload, signature].join('.'),
      'no alg': [part({}), payload, signature].join('.'),
      'an unknown critical header': [part({alg: 'HS256', crit: ['x'], x: 1}), payload, signature].join('.'),
      'an unencoded payload': [part({alg: 'HS256', crit: ['b64'], b64: false}), payload, signature].join('.'),
      'other claims': [header, part({sub: '2', ...good}), signature].join('.'),
      'no signature': [header, payload, ''].join('.'),
      'two parts': [header, payload].join('.'),
      'six parts': [header, payload, signature, 'a', 'b', 'c'].join('.'),
      'no JSON': ['a', 'b', 'c'].join('.'),
      'a header that is a list': [part([1]), payload, signature].join('.'),
      'another issuer': await hs256({...good, iss: 'https://evil.example'}),
      'no issuer': await hs256({aud: 'chat'}),
      'another audience': await hs256({...good, aud: 'shop'}),
      'other audiences': await hs256({...good, aud: ['shop', 'mail']}),
      'no audience': await hs256({iss: good.iss}),
      expired: await hs256({...good, exp: secondsFromNow(-60)}),
      'not before': await hs256({...good, nbf: secondsFromNow(60)}),
      'exp as a text': await hs256({...good, exp: '9999999999' as never}),
      'nbf as a text': await hs256({...good, nbf: '1' as never}),
      'no sub': await hs256({...good, sub: undefined}),
      'an empty sub': await hs256({...good, sub: ''}),
      'sub: null': await hs256({...good, sub: null as never}),
      'sub: an object': await hs256({...good, sub: {id: 1} as never}),
      'sub: true': await hs256({...good, sub: true as never}),
    }
    const answers: Record<string, unknown> = {}
    for (const [name, text] of Object.entries(bad)) answers[name] = await token(text)
    expect(answers).toEqual(Object.fromEntries(Object.keys(bad).map(name => [name, unauthorized])))
    expect(log.errors()).toEqual([])
    expect(await token(await hs256(good))).toMatchObject({id: '1'})
    expect(await token(await hs256({...good, aud: ['mail', 'chat']}))).toMatchObject({id: '1'})
  })

  it('allows for clocks that differ by clockTolerance, 5 s by default', async () => {
    const [usual, strict, lax] = [
      await knowing({secret}),
      await knowing({secret, clockTolerance: 1}),
      await knowing({secret, clockTolerance: 60_000}),
    ]
    const late = await hs256({exp: secondsFromNow(-2)})
    const early = await hs256({nbf: secondsFromNow(3)})
    const both = [unauthorized, unauthorized]
    expect([await strict.token(late), await strict.token(early)]).toEqual(both)
    expect([await usual.token(late), await usual.token(early)]).toMatchObject([{id: '1'}, {id: '1'}])
    const later = await hs256({exp: secondsFromNow(-30)})
    expect(await usual.token(later)).toEqual(unauthorized)
    const client = await lax.open({authorization: `Bearer ${later}`})
    expect(await client.next()).toMatchObject({user: {id: '1'}})
    // Whom the tolerance let in stays for as long as it would let them in.
    const again = await lax.open({authorization: `Bearer ${later}`})
    expect(await again.next()).toMatchObject({user: {id: '1'}})
    client.send('still there')
    expect(await client.close()).toEqual({code: 1005, reason: ''})
  })

  it('row 50: closes a connection with 4001 when its token expires', async () => {
    const {open} = await knowing({secret})
    const client = await open({authorization: `Bearer ${await hs256({exp: secondsFromNow(3)})}`})
    expect(await client.next()).toMatchObject({user: {id: '1'}})
    expect(await client.closed).toEqual(unauthorized)
  })

  it('takes the token from where `token` says, and makes the user as `user` says', async () => {
    const users = new Map([['1', {id: 7, name: 'Ada'}]])
    const seen: [JWTPayload, CandyRequest][] = []
    const {open} = await knowing({
      secret,
      token: request => request.cookie('jwt'),
      user: async (claims, request) => {
        seen.push([claims, request])
        return users.get(claims.sub!) ?? null
      },
    })
    const cookie = async (claims: JWTPayload) => ({cookie: `jwt=${await hs256(claims)}`})
    expect(await (await open(await cookie({}))).next()).toEqual({user: {id: 7, name: 'Ada'}})
    expect(await (await open(await cookie({sub: '2'}))).closed).toEqual(unauthorized)
    expect(await (await open({})).closed).toEqual(unauthorized)
    expect(seen.map(([claims, request]) => [claims.sub, request.method])).toEqual([
      ['1', 'GET'],
      ['2', 'GET'],
    ])
  })

  it.each([undefined, '', 7, null, {}])('knows nobody where token gives %j', async given => {
    const {as, log} = await knowing({secret, token: () => given as string})
    expect(await as('')).toEqual(unauthorized)
    expect(log.errors()).toEqual([])
  })

  it.each(['token', 'user'] as const)('is 1011 and one line where %s throws', async which => {
    const boom = () => {
      throw new Error('no database')
    }
    const {token, log, url} = await knowing({secret, [which]: boom})
    expect(await token(await hs256())).toEqual({code: 1011, reason: 'Internal error'})
    expect(log.errors()).toMatchObject([{error: 'Error: no database', route: '/x'}])
    const authorization = `Bearer ${await hs256()}`
    expect((await new Browser(url).get('/private', {authorization})).status).toBe(500)
  })
})

describe('6. bearer({jwks})', () => {
  it.each(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'])('verifies %s by a key set', async alg => {
    const by = await issuer(alg)
    const {token} = await knowing({jwks: {keys: [by.jwk]}})
    expect(await token(await by.sign())).toMatchObject({id: '1'})
  })

  it('finds the key by kid, or where there is only one by its kind', async () => {
    const [one, two, other] = [
      await issuer('ES256', 'a'),
      await issuer('ES256', 'b'),
      await issuer('ES256', 'c'),
    ]
    const {token, log} = await knowing({jwks: {keys: [one.jwk, two.jwk]}})
    expect(await token(await one.sign())).toMatchObject({id: '1'})
    expect(await token(await two.sign())).toMatchObject({id: '1'})
    expect(await token(await other.sign())).toEqual(unauthorized)
    expect(await token(await other.sign({}, {kid: 'a'}))).toEqual(unauthorized)
    expect(await token(await one.sign({}, {kid: 'b'}))).toEqual(unauthorized)
    expect(await token(await one.sign({}, {kid: 5}))).toEqual(unauthorized)
    const single = await knowing({jwks: {keys: [one.jwk]}})
    expect(await single.token(await one.sign({}, {kid: undefined}))).toMatchObject({id: '1'})
    expect(log.errors()).toEqual([])
  })

  it('tries each where neither token nor keys have a kid', async () => {
    const [one, two, other] = [await unnamed(), await unnamed(), await unnamed()]
    const {token, log} = await knowing({jwks: {keys: [one.jwk, two.jwk]}})
    for (const by of [one, two]) expect(await token(await by.sign())).toMatchObject({id: '1'})
    expect(await token(await other.sign())).toEqual(unauthorized)
    expect(await token(await one.sign({exp: secondsFromNow(-60)}))).toEqual(unauthorized)
    expect(await token(await two.sign({nbf: secondsFromNow(60)}))).toEqual(unauthorized)
    expect(log.errors()).toEqual([])
  })

  it('never uses a public key as a shared secret', async () => {
    const {publicKey} = generateKeyPairSync('rsa', {modulusLength: 2_048})
    const jwk = {...publicKey.export({format: 'jwk'}), kid: 'a', alg: 'RS256'}
    const pem = await exportSPKI((await importJWK(jwk, 'RS256')) as CryptoKey)
    for (const algorithms of [undefined, ['RS256']]) {
      const {token, log} = await knowing({jwks: {keys: [jwk]}, ...(algorithms && {algorithms})})
      for (const alg of ['HS256', 'HS384', 'HS512'])
        for (const text of [pem, pem.trim(), JSON.stringify(jwk), jwk.n as string]) {
          const forged = new SignJWT({sub: '1'}).setProtectedHeader({alg, kid: 'a'})
          expect(await token(await forged.sign(new TextEncoder().encode(text.padEnd(64))))).toEqual(
            unauthorized,
          )
          expect(await token(await hs256({}, text, alg))).toEqual(unauthorized)
        }
      expect(await token(new UnsecuredJWT({sub: '1'}).encode())).toEqual(unauthorized)
      expect(log.errors()).toEqual([])
    }
  })

  it('fetches the keys once, and again for a kid it does not know', async () => {
    const [one, two] = [await issuer('ES256', 'a'), await issuer('ES256', 'b')]
    const keys = await jwksServer(one.jwk)
    const {token, log} = await knowing({jwks: keys.url})
    for (let time = 0; time < 3; time += 1) expect(await token(await one.sign())).toMatchObject({id: '1'})
    expect(keys.asked).toBe(1)
    // Not for each of them: whoever invents kids would have us ask all the time.
    for (let time = 0; time < 3; time += 1) expect(await token(await two.sign())).toEqual(unauthorized)
    expect(keys.asked).toBe(1)
    expect(log.errors()).toEqual([])
    const fresh = await knowing({jwks: new URL(keys.url)})
    keys.answer = [one.jwk, two.jwk]
    expect(await fresh.token(await two.sign())).toMatchObject({id: '1'})
  })

  it.each([
    ['down', undefined],
    ['broken', 500],
    ['elsewhere', 302],
    ['no JSON', '<html>'],
    ['no key set', '{}'],
    ['not a set of keys', '{"keys": [1]}'],
  ])('is 1011 and one line, not 4001, where the keys cannot be had: %s', async (_, answer) => {
    const by = await issuer()
    const keys = await jwksServer(by.jwk)
    if (answer !== undefined) keys.answer = answer
    const {token, log, url} = await knowing({jwks: answer === undefined ? 'http://127.0.0.1:1/' : keys.url})
    expect(await token(await by.sign())).toEqual({code: 1011, reason: 'Internal error'})
    expect(log.errors()).toHaveLength(1)
    const authorization = `Bearer ${await by.sign()}`
    const page = await new Browser(url).get('/private', {authorization})
    expect([page.status, page.text]).toEqual([500, 'Internal Server Error\n'])
    // And nobody without a token is still nobody.
    expect((await new Browser(url).get('/private')).status).toBe(401)
    if (answer === undefined) return
    keys.answer = [by.jwk]
    expect(await token(await by.sign())).toMatchObject({id: '1'})
  })

  it('waits no longer than 5 s for keys that do not come', {timeout: 20_000}, async () => {
    const by = await issuer()
    const keys = await jwksServer()
    keys.answer = null
    const {token, log} = await knowing({jwks: keys.url})
    expect(await token(await by.sign())).toEqual({code: 1011, reason: 'Internal error'})
    expect(log.errors()).toHaveLength(1)
  })
})

describe('6. bearer() with revalidate', () => {
  it('asks the user again: one who is gone is closed with 4001', async () => {
    const users = new Map([['1', {id: 7}]])
    const auth = {user: bearer({secret, user: ({sub}) => users.get(sub!) ?? null}), revalidate: 50}
    const {app} = await serve({auth}, ({Route}) => Route.auth.ws('/x', () => undefined, free))
    const client = await connect(app, '/x', {...free, headers: {authorization: `Bearer ${await hs256()}`}})
    const ends = endsSoon(client)
    users.clear()
    await ends
  })
})

describe('6. bearer() refuses invalid options', () => {
  const jwks = {keys: []}
  it.each([
    ['none', undefined],
    ['neither secret nor jwks', {}],
    ['both', {secret, jwks}],
    ['a short secret', {secret: 'x'.repeat(31)}],
    ['a secret that is no text', {secret: Buffer.alloc(32)}],
    ['a text that is no URL', {jwks: 'id.example/jwks'}],
    ['a URL that is not fetched over http', {jwks: 'file:///etc/keys'}],
    ['keys that are none', {jwks: {keys: ['key']}}],
    ['no list of keys', {jwks: {}}],
    ['an issuer that is no text', {secret, issuer: 7}],
    ['no audiences', {secret, audience: []}],
    ['algorithms that are no list', {secret, algorithms: 'HS256'}],
    ['alg none', {secret, algorithms: ['none']}],
    ['algorithms of the other kind, for a secret', {secret, algorithms: ['RS256']}],
    ['algorithms of the other kind, for keys', {jwks, algorithms: ['HS256']}],
    ['an algorithm that there is not', {jwks, algorithms: ['RS128']}],
    ['a tolerance that is no time', {secret, clockTolerance: -1}],
    ['a token that is no function', {secret, token: 'jwt'}],
    ['a user that is no function', {secret, user: {}}],
    ['an unknown one', {secret, leeway: 5}],
  ])('%s', (_, options) => {
    const make = () => bearer(options as BearerOptions)
    expect(make).toThrow(BootError)
    expect(make).toThrow(/^bearer\(\) /)
    expect(make).not.toThrow(secret)
  })

  it('and accepts valid ones', () => {
    const makes: BearerOptions[] = [
      {secret},
      {secret, algorithms: ['HS256', 'HS384', 'HS512'], issuer: ['a', 'b'], audience: 'c'},
      {jwks: 'https://id.example/jwks', algorithms: ['ES256']},
      {jwks: new URL('https://id.example/jwks'), clockTolerance: 1},
      {jwks},
    ]
    for (const options of makes) expect(typeof bearer(options)).toBe('function')
  })
})
