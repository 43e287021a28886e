import {readFileSync} from 'node:fs'
import {connect} from 'candy-ws/testing'
import {describe, expect, it} from 'vitest'
import {appOf, type Files} from './support/app-folder.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The first code block of a language after some words of the README. */
function block(after: string, language: string): string {
  const rest = readme.slice(readme.indexOf(after))
  return new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(rest)![1]!
}

const module = {'package.json': {type: 'module'}}

describe('the README', () => {
  const twins: Readonly<Record<string, Files>> = {
    'the class': {...module, 'controllers/room.ts': block('As a class', 'ts')},
    'its functional twin': {'package.json': {}, 'route/websocket.js': block('As a function', 'js')},
  }
  it.each(Object.entries(twins))('shows a route that runs: %s', async (_name, files) => {
    const app = await appOf(files)
    const [a, b] = [await connect(app, '/room/7'), await connect(app, '/room/7')]
    a.send({type: 'say', text: 'hi', ref: 1})
    expect(await b.next()).toEqual({type: 'said', text: 'hi'})
    expect(await a.take(2)).toEqual([
      {type: 'said', text: 'hi'},
      {type: 'reply', ref: 1, data: {delivered: true}},
    ])
  })

  it('shows one table for both', async () => {
    const [asClass, asFunction] = await Promise.all(Object.values(twins).map(files => appOf(files)))
    const comparable = (app: typeof asClass) =>
      app!.routes().map(({handler: _h, source: _s, ...rest}) => rest)
    expect(comparable(asClass)).toEqual(comparable(asFunction))
  })

  it('shows a first controller that runs without any configuration', async () => {
    const app = await appOf({...module, 'controllers/hello.ts': block('`controllers/hello.ts`', 'ts')})
    expect(await (await connect(app, '/hello')).next()).toEqual({type: 'hello'})
  })
})
