import {BootError, createApp} from 'candy-ws'
import {readSecret} from '#candy/identity/secret.js'
import {once} from 'node:events'
import {readdir, readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {Worker} from 'node:worker_threads'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {appFolder, makeFolder, removeFolders} from '../support/app-folder.js'
import {candy} from '../support/cli.js'
import {memoryLogger} from '../support/log.js'

const env = {...process.env}
beforeEach(() => {
  delete process.env.CANDY_SECRET
  delete process.env.NODE_ENV
})
afterEach(async () => {
  Object.assign(process.env, env)
  removeFolders()
})

const long = 'a secret of thirty-two characters, or more'

interface Read {
  readonly secret: string
  readonly said: readonly string[]
}

/** A worker that reads the secret of many folders, of each as soon as all four workers have come to it. */
const reader = `
const {parentPort, workerData: {parent, rounds, module, arrived}} = require('node:worker_threads')
const count = new Int32Array(arrived)
import(module).then(({readSecret}) => {
  const read = []
  for (let round = 0; round < rounds; round += 1) {
    const said = []
    Atomics.add(count, round, 1)
    Atomics.notify(count, round)
    for (let here; (here = Atomics.load(count, round)) < 4; ) Atomics.wait(count, round, here)
    const secret = readSecret(undefined, parent + '/' + round, {info: (_, message) => said.push(message)})
    read.push({secret, said})
  }
  parentPort.postMessage(read)
})
`

describe('6. The secret', () => {
  it('is the option, else CANDY_SECRET', async () => {
    process.env.CANDY_SECRET = `${long} in the environment`
    expect(readSecret(long, '.', memoryLogger())).toBe(long)
    expect(readSecret(undefined, '.', memoryLogger())).toBe(`${long} in the environment`)
  })

  it('has at least 32 characters', async () => {
    expect(readSecret('x'.repeat(32), '.', memoryLogger())).toHaveLength(32)
    await expect(createApp({secret: 'x'.repeat(31)})).rejects.toThrow(/secret .*31 characters/)
    process.env.CANDY_SECRET = 'short'
    await expect(createApp()).rejects.toThrow(/CANDY_SECRET .*5 characters/)
  })

  it('is made in development, which says so and keeps it', async () => {
    const dir = makeFolder({'node_modules/.keep': ''})
    const log = memoryLogger()
    const made = readSecret(undefined, dir, log)
    expect(made.length).toBeGreaterThanOrEqual(32)
    expect(log.lines).toMatchObject([{level: 'info', message: expect.stringContaining('CANDY_SECRET')}])
    expect(JSON.stringify(log.lines)).not.toContain(made)
    // What a worker or a reload reads.
    const again = memoryLogger()
    expect(readSecret(undefined, dir, again)).toBe(made)
    expect(again.lines).toEqual([])
    const file = join(dir, 'node_modules', '.cache', 'candy-ws', 'secret')
    expect(await readFile(file, 'utf8')).toBe(made)
    expect((await stat(file)).mode & 0o077).toBe(0)
  })

  it(
    'is one for workers that start at once on an empty cache, and one of them says so',
    {timeout: 30_000},
    async () => {
      const rounds = 200
      const parent = makeFolder(
        Object.fromEntries(Array.from({length: rounds}, (_, round) => [`${round}/node_modules/.keep`, ''])),
      )
      const workerData = {
        parent,
        rounds,
        module: import.meta.resolve('#candy/identity/secret.js'),
        arrived: new SharedArrayBuffer(4 * rounds),
      }
      const read = async () => {
        const [secrets] = (await once(new Worker(reader, {eval: true, workerData}), 'message')) as [Read[]]
        return secrets
      }
      const workers = await Promise.all([read(), read(), read(), read()])
      for (let round = 0; round < rounds; round += 1) {
        const all = workers.map(secrets => secrets[round]!)
        expect(new Set(all.map(({secret}) => secret)).size).toBe(1)
        expect(all.flatMap(({said}) => said)).toHaveLength(1)
        expect(await readdir(join(parent, `${round}/node_modules/.cache/candy-ws`))).toEqual(['secret'])
      }
    },
  )

  it('is kept in memory where no file can be, which is said once', async () => {
    const log = memoryLogger()
    const inTheWay = makeFolder({'node_modules/.cache': 'a file'})
    const cut = makeFolder({'node_modules/.cache/candy-ws/secret': 'short'})
    const [made, ...more] = [inTheWay, inTheWay, cut].map(dir => readSecret(undefined, dir, log))
    expect(made!.length).toBeGreaterThanOrEqual(32)
    expect(more).toEqual([made, made])
    expect(log.lines).toEqual([expect.objectContaining({level: 'info', kept: expect.any(String) as string})])
    expect(JSON.stringify(log.lines)).not.toContain(made)
  })

  it('is missed in production, which refuses to start', async () => {
    process.env.NODE_ENV = 'production'
    const booting = createApp()
    await expect(booting).rejects.toThrow(BootError)
    await expect(booting).rejects.toThrow(/MISSING_SECRET[^]*CANDY_SECRET/)
    process.env.CANDY_SECRET = ''
    await expect(createApp()).rejects.toThrow('MISSING_SECRET')
    await (await createApp({secret: long})).close()
  })

  it('is missed by `candy start` in production: one fault on stderr, exit 1', {timeout: 60_000}, async () => {
    const dir = appFolder({'package.json': {}, 'node_modules/.keep': ''})
    const {CANDY_SECRET: _, ...others} = env
    const start = (more: object) =>
      candy(['start', dir, '--port', '0'], {env: {...others, NODE_ENV: 'production', ...more}})
    const {code, stdout, stderr} = await start({}).exited
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^CANDY_SECRET {2}production has no secret \[MISSING_SECRET\]\n/)
    expect(await readdir(join(dir, 'node_modules'))).toEqual(['.keep'])
    await start({CANDY_SECRET: long}).url()
  })
})
