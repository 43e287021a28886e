import {delay, inject, injectable, Lifecycle, scoped, singleton} from 'candy-ws'
import {execFile} from 'node:child_process'
import {join} from 'node:path'
import {promisify} from 'node:util'
import * as tsyringe from 'tsyringe'
import {afterAll, describe, expect, it} from 'vitest'
import {makeFolder, removeFolders} from '../support/app-folder.js'

afterAll(removeFolders)

describe('the main entry', () => {
  it("hands on tsyringe's decorators", () => {
    expect(injectable).toBe(tsyringe.injectable)
    expect(singleton).toBe(tsyringe.singleton)
    expect(inject).toBe(tsyringe.inject)
    expect(scoped).toBe(tsyringe.scoped)
    expect(Lifecycle).toBe(tsyringe.Lifecycle)
    expect(delay).toBe(tsyringe.delay)
  })

  const body = `
class Service {}
injectable()(Service)
class Room {
  constructor(service) { this.service = service }
  opened() {}
}
OnOpen()(Room.prototype, 'opened')
WsRoute('/room', {inject: [Service]})(Room)
const app = await createApp({controllers: [Room]})
console.log(app.routes()[0].path)
await app.close()`
  const main = `import {createApp, injectable, OnOpen, WsRoute} from 'candy-ws'\n`

  it.each([
    ['alone', main],
    ['after the testing entry', `import 'candy-ws/testing'\n${main}`],
    ['after class-validator', `import 'class-validator'\n${main}`],
    ['before tsyringe and reflect-metadata', `${main}import 'tsyringe'\nimport 'reflect-metadata'\n`],
  ])('may be imported %s', async (_, imports) => {
    const dir = makeFolder({'main.js': imports + body})
    const {stdout} = await promisify(execFile)(process.execPath, [join(dir, 'main.js')])
    expect(stdout).toBe('/room\n')
  })
})
