import {readFileSync} from 'node:fs'
import {connect} from 'candy-ws/testing'
import ts from 'typescript'
import {describe, expect, it} from 'vitest'
import type {Description} from '#candy/describe/description.js'
import {typesOf} from '#candy/describe/typescript.js'
import {appFolder, appOf, type Files} from './support/app-folder.js'
import {candy, Program} from './support/cli.js'
import {pageProgram} from './support/page-compiler.js'
import {cookiesOf} from './support/visitor.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The first code block of a language after some words of the README. */
function block(after: string, language: string): string {
  const rest = readme.slice(readme.indexOf(after))
  return new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(rest)![1]!
}

const module = {'package.json': {type: 'module'}}

const message: Files = {'messages/say.ts': block('`messages/say.ts`', 'ts')}
const controller: Files = {...message, 'controllers/room.ts': block('`controllers/room.ts`', 'ts')}
const functional: Files = {...message, 'route/lounge.ts': block('`route/lounge.ts`', 'ts')}

/** What the compiler says of a page's script. */
function faultsOf(file: string): string[] {
  const program = pageProgram(file)
  return ts.getPreEmitDiagnostics(program).map(one => ts.flattenDiagnosticMessageText(one.messageText, '\n'))
}

describe('the README', () => {
  it.each(['/room/7', '/lounge/7'])('shows a route that runs, and its twin: %s', async path => {
    const app = await appOf({...module, ...controller, ...functional})
    const [a, b] = [await connect(app, path), await connect(app, path)]
    a.send({type: 'say', text: 'hi', ref: 1})
    expect(await b.next()).toEqual({type: 'said', text: 'hi'})
    expect(await a.take(2)).toEqual([
      {type: 'said', text: 'hi'},
      {type: 'reply', ref: 1, data: {delivered: true}},
    ])
  })

  it.each(['/room/7', '/lounge/7'])('shows what a client hears: %s', async path => {
    const app = await appOf({...module, ...controller, ...functional})
    const client = await connect(app, path)
    for (const [, text] of readme.matchAll(/`(\{"type": "say".*?\})`/g)) client.send(JSON.parse(text!))
    const shown = [...readme.matchAll(/```json\n([\s\S]*?)\n```/g)].map(
      ([, text]) => JSON.parse(text!) as unknown,
    )
    expect(await client.take(3)).toEqual([{type: 'said', text: 'hi'}, ...shown])
  })

  it('shows the table that `candy routes` prints of the two', async () => {
    const dir = appFolder({...module, ...controller, ...functional})
    const {stdout} = await candy(['routes', dir]).exited
    expect(readme).toContain(`\n${stdout}`)
  })

  it('shows a client that compiles', {timeout: 60_000}, async () => {
    const app = await appOf({...module, ...controller, ...functional})
    const contract = typesOf(await (app as unknown as {description(): Promise<Description>}).description())
    const main = `${block('## A typed client', 'ts')}room.on('said', said => said.txt)\n`
    const dir = appFolder({...module, 'contract.d.ts': contract, 'main.ts': main})
    const faults = faultsOf(`${dir}/main.ts`)
    expect(faults).toEqual([expect.stringMatching(/^Property 'txt' does not exist/)])
  })

  it('shows a first controller that runs without any configuration', async () => {
    const app = await appOf({...module, 'controllers/hello.ts': block('`controllers/hello.ts`', 'ts')})
    expect(await (await connect(app, '/hello')).next()).toEqual({type: 'hello'})
  })

  it('shows a login that a browser without JavaScript can use', async () => {
    const app = await appOf({
      'web/package.json': {type: 'commonjs'},
      'web/route/www.js': block('## Pages', 'js'),
    })
    const {url} = await app.listen({port: 0})
    const page = await fetch(url)
    const [, token] = /name="_token" value="([^"]+)"/.exec(await page.text())!
    const login = await fetch(`${url}/login`, {
      method: 'POST',
      redirect: 'manual',
      headers: {cookie: cookiesOf(page)},
      body: new URLSearchParams({_token: token!, name: 'Ada'}),
    })
    expect(login.status).toBe(303)
    const client = await connect(app, '/me', {headers: {cookie: cookiesOf(login)}})
    expect(await client.next()).toEqual({type: 'welcome', name: 'Ada'})
  })

  it('shows a program that runs', async () => {
    const program = block('`server.js`', 'js').replace('port: 3000', 'port: 0')
    const dir = appFolder({
      ...module,
      'server.js': program,
      'controllers/hello.ts': block('`controllers/hello.ts`', 'ts'),
    })
    const server = new Program(process.execPath, [`${dir}/server.js`])
    const [url] = await server.printed('stdout', /^http:\S+$/m)
    const client = await connect(url, '/echo', {token: false})
    client.send({hi: 1})
    expect(await client.next()).toEqual({hi: 1})
    expect(await (await connect(url, '/hello', {token: false})).next()).toEqual({type: 'hello'})
  })
})
