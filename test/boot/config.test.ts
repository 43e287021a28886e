import {BootError, createApp} from 'candy-ws'
import {connect, fetchToken, HandshakeError} from 'candy-ws/testing'
import {afterEach, describe, expect, it, onTestFinished, vi} from 'vitest'
import {appFolder, appOf, loadApp, type Files} from '../support/app-folder.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

const [ofFile, ofArgument, ofEnvironment] = ['file', 'argument', 'environment'].map(name =>
  `the secret of the ${name} `.repeat(3),
) as [string, string, string]
const route = {'route/a.mjs': `Candy.Route.ws('/a', Candy => Candy.ws.send('in'))\n`}

/** Which of the secrets an app has: the one whose tokens it takes. */
async function secretOf(dir: string, secret?: string): Promise<string> {
  const app = await loadApp(dir, {secret})
  for (const one of [ofFile, ofArgument, ofEnvironment]) {
    const peer = await createApp({secret: one})
    const {token, cookie = ''} = await fetchToken((await peer.listen({port: 0})).url)
    await peer.close()
    const client = await connect(app, '/a', {token, headers: {cookie}})
    if (await client.next().catch(() => false)) return one
  }
  return 'none of them'
}

describe('which config wins', () => {
  const files = {...route, 'candy.config.json': {secret: ofFile}}

  it('arguments win over the file', async () => {
    vi.stubEnv('CANDY_SECRET', ofEnvironment)
    expect(await secretOf(appFolder(files), ofArgument)).toBe(ofArgument)
  })

  it('the file wins over the environment', async () => {
    vi.stubEnv('CANDY_SECRET', ofEnvironment)
    expect(await secretOf(appFolder(files))).toBe(ofFile)
  })

  it('the environment is asked last', async () => {
    vi.stubEnv('CANDY_SECRET', ofEnvironment)
    expect(await secretOf(appFolder(route))).toBe(ofEnvironment)
  })

  it('without dir no config is read, though the current folder may have one', async () => {
    const dir = appFolder({'candy.config.json': {unknown: true}})
    const before = process.cwd()
    process.chdir(dir)
    onTestFinished(() => process.chdir(before))
    const app = await createApp()
    await app.close()
  })
})

describe('candy.config', () => {
  const code = `{refuse: 'http', routes: [root => root.Route.ws('/b', () => {})]}`
  const cases: readonly (readonly [name: string, files: Files])[] = [
    ['ts, ES module', {'package.json': {type: 'module'}, 'candy.config.ts': typed(code)}],
    ['ts, CommonJS', {'package.json': {type: 'commonjs'}, 'candy.config.ts': typed(code)}],
    ['js, ES module', {'package.json': {type: 'module'}, 'candy.config.js': `export default ${code}\n`}],
    ['js, CommonJS', {'package.json': {type: 'commonjs'}, 'candy.config.js': `module.exports = ${code}\n`}],
    ['mjs', {'package.json': {type: 'commonjs'}, 'candy.config.mjs': `export default ${code}\n`}],
  ]

  it.each(cases)('is read from %s', async (_, files) => {
    const app = await appOf(files)
    expect(app.routes().map(one => one.path)).toEqual(['/b'])
    await expect(connect(app, '/b', {token: false})).rejects.toEqual(new HandshakeError(403))
  })

  it('is read from json', async () => {
    const app = await appOf({...route, 'candy.config.json': {refuse: 'http'}})
    await expect(connect(app, '/a', {token: false})).rejects.toEqual(new HandshakeError(403))
  })

  it('is read anew for each app', async () => {
    const dir = appFolder({
      'package.json': {type: 'module'},
      'candy.config.js': `let count = 0\nexport default {routes: [root => root.Route.ws('/' + ++count, () => {})]}\n`,
    })
    for (const _ of [1, 2]) {
      const app = await loadApp(dir)
      expect(app.routes().map(one => one.path)).toEqual(['/1'])
      await app.close()
    }
  })

  it('stands in the app folder, not in web/', async () => {
    const app = await appOf({...route, 'web/candy.config.json': {unknown: true}})
    expect(app.routes()).toHaveLength(1)
  })
})

describe('a wrong config', () => {
  it.each([
    [{prot: 1}, "'prot'"],
    [{strict: 'yes'}, "'strict'"],
    [{limits: {maxPayload: 0}}, 'maxPayload'],
    [{limits: {maxPayloads: 1}}, "'maxPayloads'"],
    [{limits: {upgradeTimeout: 2 ** 31}}, 'upgradeTimeout'],
    [{secret: 7}, "'secret'"],
  ])('%j is refused, naming file and option', async (config, option) => {
    const refused = expect(appOf({'candy.config.json': config})).rejects
    await refused.toMatchObject({problems: [{code: 'INVALID_OPTION', place: 'candy.config.json:1'}]})
    await refused.toThrow(option)
  })

  it('a limit that is undefined is the default', async () => {
    const limits = 'limits: {maxPayload: undefined}'
    const app = await appOf({
      'candy.config.mjs': `export default {${limits}}\n`,
      'route/a.mjs': `Candy.Route.ws('/a', () => {}, {token: false, ${limits}})\n`,
    })
    const client = await connect(app, '/a', {token: false})
    client.send('x'.repeat(65_537))
    expect((await client.closed).code).toBe(1009)
  })

  it.each([
    ['candy.config.json', '[]'],
    ['candy.config.json', '7'],
    ['candy.config.mjs', 'export const strict = true'],
  ])('%s with %s exports no options', async (name, content) => {
    await expect(appOf({[name]: content})).rejects.toMatchObject({
      problems: [{code: 'INVALID_OPTION', place: `${name}:1`}],
    })
  })

  it('a file that does not parse is named', async () => {
    await expect(appOf({'candy.config.json': '{"strict": tru'})).rejects.toMatchObject({
      problems: [
        {
          code: 'LOAD_FAILED',
          place: 'candy.config.json:1',
          message: expect.stringMatching(/^is no JSON: /) as string,
          remedy: expect.stringContaining('no trailing commas') as string,
        },
      ],
    })
  })
})

function typed(code: string): string {
  return `import type {AppOptions} from 'candy-ws'\nexport default ${code} satisfies AppOptions\n`
}

describe('an unknown option', () => {
  const remedyOf = async (options: object) => {
    const error = await createApp(options).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(BootError)
    return (error as BootError).problems.map(one => one.remedy).join('\n')
  }

  it.each(['orgins', 'o'.repeat(10_000), 'constructor'])(
    '%.20s is answered with what there is',
    async name => {
      expect(await remedyOf({[name]: 1})).toMatch(/^It takes dir, /)
    },
  )
})
