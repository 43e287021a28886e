import {BootError, createApp, createEmitter, memoryBus, type AppOptions} from 'candy-ws'
import {cpSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {afterEach, describe, expect, it, onTestFinished, vi} from 'vitest'

afterEach(() => {
  vi.unstubAllEnvs()
})

async function faultOf(
  options: object,
): Promise<{code: string; place: string; message: string; remedy: string}> {
  const error: unknown = await createApp(options as AppOptions).then(
    app => app.close(),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(BootError)
  return (error as BootError).problems[0]!
}

describe('the option bus', () => {
  it.each([
    [7],
    [{}],
    [{kind: 'redis'}],
    [''],
    ['redis'],
    ['redis://'],
    ['http://x:secret@y'],
    ['redis//x:secret@y'],
    [true],
  ])('is refused as %o', async bus => {
    const {code, message, remedy} = await faultOf({bus})
    expect(code).toBe('INVALID_OPTION')
    expect(`${message}\n${remedy}`).not.toContain('secret')
  })

  it.each([
    ['redis://x:secret@127.0.0.1:1/?prefix=*'],
    ['nats://x:secret@127.0.0.1:1/path'],
    ['nats://127.0.0.1:1/?prefix=a.*'],
  ])('is refused as the URL %s, whose secret is not repeated', async bus => {
    const {code, message, remedy} = await faultOf({bus})
    expect(code).toBe('INVALID_OPTION')
    expect(`${message}\n${remedy}`).not.toContain('secret')
  })

  it('is a bus, or false', async () => {
    for (const bus of [memoryBus(), false] as const) await (await createApp({bus})).close()
  })

  it('says what to install where nothing speaks to such a server', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'candy-alone-'))
    onTestFinished(() => rmSync(folder, {recursive: true}))
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
    cpSync(join(import.meta.dirname, '../../dist'), folder, {recursive: true})
    const {busOf} = (await import(pathToFileURL(join(folder, 'boot/bus.js')).href)) as {
      busOf: (url: string) => Promise<unknown>
    }
    const faultFor = async (url: string) => {
      const error: unknown = await busOf(url).catch((thrown: unknown) => thrown)
      return (error as BootError).problems[0]
    }
    expect(await faultFor('redis://127.0.0.1')).toEqual({
      code: 'MISSING_PACKAGE',
      place: 'bus',
      message: 'bus is redis://, and neither redis nor ioredis is installed',
      remedy: 'npm i redis',
    })
    expect(await faultFor('nats://127.0.0.1')).toMatchObject({
      code: 'MISSING_PACKAGE',
      remedy: 'npm i @nats-io/transport-node',
    })
  })
})

describe('CANDY_BUS', () => {
  it('is the bus of an app that has none of its own, and is unread with bus: false', async () => {
    vi.stubEnv('CANDY_BUS', 'no bus')
    expect(await faultOf({})).toMatchObject({code: 'INVALID_OPTION', place: 'CANDY_BUS'})
    await (await createApp({bus: false})).close()
  })
})

describe('createEmitter()', () => {
  it('asks for a bus', async () => {
    await expect(createEmitter()).rejects.toThrow(/takes a bus/)
  })

  it('rejects within 2 s where the bus is not there', async () => {
    await expect(createEmitter({bus: 'redis://127.0.0.1:1'})).rejects.toThrow(/is not there within 2000 ms/)
  })
})
