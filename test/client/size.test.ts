import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {createContext, runInContext} from 'node:vm'
import {gzipSync} from 'node:zlib'
import {describe, expect, it} from 'vitest'
import {bundle} from '../../scripts/bundle.js'

const pathOf = (file: string) => fileURLToPath(new URL(`../../dist/${file}`, import.meta.url))
const textOf = (file: string) => readFileSync(pathOf(file), 'utf8')

const gzipped = (text: string) => gzipSync(text, {level: 9}).length

/** Text that only code of the server has. */
const serverCode = /node:|\brequire\(|process\.env|CANDY_SECRET|HMAC|tsyringe|class-validator/

describe('candy-ws/client, minified and gzipped', () => {
  it('has at most 6,000 bytes without what shares connections', async () => {
    const {code, imports} = await bundle(pathOf('client/index.js'), {format: 'es', external: /\/shared\.js$/})
    expect(imports).toEqual([expect.stringMatching(/\bshared\.js$/)])
    expect(gzipped(code)).toBeLessThanOrEqual(6_000)
  })

  it('has at most 8 KiB with it', async () => {
    const {code, imports} = await bundle(pathOf('client/index.js'), {format: 'es'})
    expect(imports).toEqual([])
    expect(gzipped(code)).toBeLessThanOrEqual(8_192)
  })

  it('finds its worker as bundlers know it', async () => {
    const {code} = await bundle(pathOf('client/index.js'), {format: 'es'})
    expect(code).toMatch(/new SharedWorker\(new URL\([`'"]\.\/worker\.js[`'"],import\.meta\.url\)/)
  })
})

describe('what a browser loads', () => {
  it.each([['client/index.js'], ['client/global.js'], ['client/worker.js']])(
    'is made of the client alone: %s',
    async entry => {
      const {code, moduleIds} = await bundle(pathOf(entry), {format: 'es', define: {workerFile: '""'}})
      expect(moduleIds.length).toBeGreaterThan(3)
      expect(moduleIds.filter(id => !id.startsWith(pathOf('client/')))).toEqual([])
      expect(code).not.toMatch(serverCode)
    },
  )

  it.each([['client.js'], ['worker.js']])('holds no code of the server, and imports nothing: %s', file => {
    const text = textOf(`browser/${file}`)
    expect(text.length).toBeGreaterThan(1_000)
    expect(text).not.toMatch(serverCode)
    expect(text).not.toMatch(/\bimport\b|\bexport\b/)
    // What is said there could be a token, or a message.
    expect(text).not.toMatch(/\bconsole\b/)
    expect(gzipped(text)).toBeLessThanOrEqual(8_192)
  })

  it('sets window.Candy, and no other name', () => {
    const document = {currentScript: {src: 'https://chat.example/_candy/client.js'}}
    const page = createContext({document})
    const before = Object.getOwnPropertyNames(page)
    runInContext(textOf('browser/client.js'), page)
    expect(Object.getOwnPropertyNames(page).filter(name => !before.includes(name))).toEqual(['Candy'])
    expect(runInContext('typeof Candy.ws', page)).toBe('function')
    // A `const` or a class of a script is no property, but one of its name would be in the way the second time.
    expect(() => runInContext(textOf('browser/client.js'), page)).not.toThrow()
  })
})
