import {Candy, createApp, injectable, Lifecycle, OnMessage, OnOpen, scoped, Token, WsRoute} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import * as fc from 'fast-check'
import {setTimeout as delay} from 'node:timers/promises'
import {expect, it} from 'vitest'
import {memoryLogger} from '../support/log.js'

const kind = fc.record({
  lifetime: fc.constantFrom('transient', 'connection', 'resolution'),
  constructs: fc.oneof(
    {weight: 5, arbitrary: fc.constant('well')},
    {weight: 1, arbitrary: fc.constant('throws')},
  ),
  disposes: fc.constantFrom('well', 'later', 'throws', 'rejects'),
  /** Of those before it, by remainder. */
  takes: fc.array(fc.nat(4), {maxLength: 2}),
})
type Kind = typeof kind extends fc.Arbitrary<infer T> ? T : never
type Class = new (...given: never[]) => object

/** How often each thing that came to be was disposed. */
type Account = Map<object, number>

function declare(cls: Class, takes: readonly unknown[]): void {
  Reflect.defineMetadata('design:paramtypes', takes, cls)
}

function serviceOf(
  {lifetime, constructs, disposes, takes}: Kind,
  before: readonly Class[],
  account: Account,
): Class {
  class Service {
    constructor() {
      if (constructs === 'throws') throw new Error('not made')
      account.set(this, 0)
    }
    dispose() {
      account.set(this, account.get(this)! + 1)
      if (disposes === 'throws') throw new Error('not let go')
      if (disposes === 'rejects') return Promise.reject(new Error('not let go'))
      return disposes === 'later' ? delay(2) : undefined
    }
  }
  declare(Service, before.length > 0 ? takes.map(at => before[at % before.length]) : [])
  if (lifetime === 'transient') injectable()(Service)
  else scoped(lifetime === 'connection' ? Lifecycle.ContainerScoped : Lifecycle.ResolutionScoped)(Service)
  return Service
}

interface Throws {
  readonly constructor: boolean
  readonly open: boolean
  readonly handler: boolean
}

/** Takes the first half of the services as it is made, and the others with each message. */
function controllerOf(services: readonly Class[], throws: Throws, account: Account): Class {
  const half = Math.ceil(services.length / 2)
  class Controller {
    constructor() {
      if (throws.constructor) throw new Error('not made')
      account.set(this, 0)
    }
    @OnOpen() opened() {
      if (throws.open) throw new Error('not opened')
    }
    @OnMessage('use', {args: [Candy, ...services.slice(half)]}) used() {
      if (throws.handler) throw new Error('not used')
    }
    dispose() {
      account.set(this, account.get(this)! + 1)
    }
  }
  declare(Controller, services.slice(0, half))
  Token(false)(Controller)
  WsRoute('/')(Controller)
  return Controller
}

const rarely = fc.nat(5).map(n => n === 0)

it('row 68: whatever throws as it is made, used or disposed: what came to be is disposed, once', async () => {
  let [refused, failed, fine] = [0, 0, 0]
  const property = fc.asyncProperty(
    fc.array(kind, {minLength: 1, maxLength: 6}),
    fc.record({constructor: rarely, open: rarely, handler: rarely}, {noNullPrototype: true}),
    async (kinds, throws) => {
      const account: Account = new Map()
      const services: Class[] = []
      for (const one of kinds) services.push(serviceOf(one, services, account))
      const log = memoryLogger()
      const app = await createApp({logger: log, controllers: [controllerOf(services, throws, account)]})
      const client = await connect(app, '/', {token: false})
      for (const ref of [1, 2]) client.send({type: 'use', ref})
      const answers = await client.take(2).catch(() => client.closed)
      if (!Array.isArray(answers)) refused += 1
      else if (answers.some(answer => (answer as {code?: string}).code === 'INTERNAL')) failed += 1
      else fine += 1
      if (!Array.isArray(answers)) expect(answers).toEqual({code: 1011, reason: 'Internal error'})
      await client.close()
      await expect.poll(() => app.Route.wsServer.clientCount).toBe(0)
      await app.close({drain: 500})
      expect([...account.values()].filter(times => times !== 1)).toEqual([])
      // Whatever is not let go is told once, whoever else is not.
      expect(log.errors().filter(({message}) => message.includes('dispos')).length).toBeLessThanOrEqual(1)
    },
  )
  await fc.assert(property, {numRuns: 100})
  // Each has been seen.
  expect(Math.min(refused, failed, fine)).toBeGreaterThan(0)
})
