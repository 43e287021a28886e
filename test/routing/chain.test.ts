import {RouteChain} from '#candy/routing/chain.js'
import type {RouteDraft} from '#candy/routing/route.js'
import {createApp, type App} from 'candy-ws'
import {afterEach, describe, expect, it} from 'vitest'

const handler = () => undefined

function recorder() {
  const drafts: RouteDraft<never>[] = []
  return {drafts, Route: new RouteChain<never>(draft => drafts.push(draft))}
}

describe('a chain', () => {
  it('takes use and auth in any order', () => {
    const {drafts, Route} = recorder()
    Route.ws('/plain', handler)
    Route.auth.ws('/auth', handler)
    Route.use('a').ws('/use', handler)
    Route.use('a').auth.ws('/use-auth', handler)
    Route.auth.use('a').ws('/auth-use', handler)
    Route.use('a').use('b', 'c').ws('/use-use', handler)
    Route.use('a').auth.use('b').auth.use('c').ws('/all', handler)
    expect(drafts.map(({path, use, auth}) => ({path, use, auth}))).toEqual([
      {path: '/plain', use: [], auth: false},
      {path: '/auth', use: [], auth: true},
      {path: '/use', use: ['a'], auth: false},
      {path: '/use-auth', use: ['a'], auth: true},
      {path: '/auth-use', use: ['a'], auth: true},
      {path: '/use-use', use: ['a', 'b', 'c'], auth: false},
      {path: '/all', use: ['a', 'b', 'c'], auth: true},
    ])
  })

  it('leaks nothing into the next one, nor into one that was kept', () => {
    const {drafts, Route} = recorder()
    const kept = Route.use('a')
    void kept.auth
    kept.use('b').auth.ws('/1', handler)
    kept.ws('/2', handler)
    Route.ws('/3', handler)
    expect(drafts.map(({use, auth}) => ({use, auth}))).toEqual([
      {use: ['a', 'b'], auth: true},
      {use: ['a'], auth: false},
      {use: [], auth: false},
    ])
  })

  it('hands on the line it was declared at', () => {
    const {drafts, Route} = recorder()
    Route.use('a').auth.ws('/1', handler)
    expect(drafts[0]!.source).toMatchObject({
      file: expect.stringMatching(/chain\.test\.ts$/) as string,
      line: 50,
    })
  })
})

describe('the chains of an app', () => {
  let app: App
  afterEach(() => app.close())

  it('give the same rows in any order of use and auth', async () => {
    app = await createApp()
    app.use('a', () => true).use('b', () => true)
    app.Route.use('a', 'b').auth.ws('/1', handler, {token: false})
    app.Route.auth.use('a').use('b').ws('/2', handler, {token: false})
    app.Route.use('a').ws('/3', handler, {token: false, auth: true, use: ['b']})
    app.Route.ws('/4', handler, {token: false, auth: true, use: ['a', 'b']})
    const rows = app.routes().map(({token, auth, use, options}) => ({token, auth, use, options}))
    expect(rows[0]).toMatchObject({auth: true, token: false, use: ['a', 'b'], options: {}})
    for (const row of rows) expect(row).toEqual(rows[0])
  })
})
