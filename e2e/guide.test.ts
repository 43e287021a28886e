import {mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {connect} from 'candy-ws/testing'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect, it, onTestFinished} from 'vitest'
import {writeFiles, type Files} from '../test/support/app-folder.js'
import {Program} from '../test/support/cli.js'
import {hosts} from './hosts/index.js'

const guide = readFileSync(new URL('../docs/guide/attaching.md', import.meta.url), 'utf8')
const [, chapter = ''] = /\n## Hosts\n([\s\S]*?)\n## /.exec(guide) ?? []

/** The first block of each section is a program. */
const programs = [...chapter.matchAll(/\n### ([^\n]+)\n[\s\S]*?```(js|ts)\n([\s\S]*?)```/g)].map(
  ([, host = '', language = '', code = '']) => ({host, language, code}),
)

/** Says on which port a program listens, and keeps it off the network. */
const tell = `
import {Server} from 'node:net'
const {listen} = Server.prototype
Server.prototype.listen = function (first, ...rest) {
  this.once('listening', () => console.log('listens on ' + this.address()?.port))
  const to = typeof first === 'object' ? first : {port: first}
  const then = rest.filter(one => typeof one === 'function')
  return listen.call(this, {...to, host: '127.0.0.1'}, ...then)
}
`

/** What the programs' users have beside them. */
const files: Files = {
  'package.json': {type: 'module'},
  'tell.mjs': tell,
  'index.html': 'hello',
  'next.config.js': `export default {turbopack: {root: ${JSON.stringify(join(import.meta.dirname, '..'))}}}\n`,
  'pages/index.js': `export default function Page() { return 'hello' }\n`,
  'route/echo.js': `export default Candy => {
    Candy.Route.ws('/echo', Candy => Candy.ws.on('message', data => Candy.ws.send(data)), {token: false})
  }\n`,
}

/** Runs a program, and talks to Candy where it says that it listens. */
async function echoes(args: readonly string[], own: Files, says = /^listens on (\d+)$/m): Promise<void> {
  const parent = join(import.meta.dirname, '.tmp')
  mkdirSync(parent, {recursive: true})
  const dir = mkdtempSync(join(parent, 'guide-'))
  onTestFinished(() => rmSync(dir, {recursive: true, force: true}))
  writeFiles(dir, {...files, ...own})
  // Under CI some programs colour what they print, also into a pipe.
  const env = {...process.env, NO_COLOR: '1'}
  const program = new Program(process.execPath, ['--import', './tell.mjs', ...args], {cwd: dir, env})
  const [, port] = await program.printed('stdout', says)
  const client = await connect(`http://127.0.0.1:${port}`, '/echo', {token: false})
  client.send({hi: 1})
  expect(await client.next()).toEqual({hi: 1})
}

it('shows a program for every host', () => {
  // One is for node's http and https both.
  expect(programs.length).toBe(hosts.length - 1)
})

it.each(programs)('shows a program that runs: $host', {timeout: 30_000}, async ({language, code}) => {
  const main = `main.${language}`
  expect(code).toContain('3000')
  const program = {[main]: code.replaceAll('3000', '0')}
  if (language === 'js') return echoes([main], program)
  // Beside JavaScript alone it would have Next look for the types of React, and install them.
  const tsconfig = {'tsconfig.json': {extends: 'candy-ws/tsconfig.json'}}
  return echoes(['--import', '@oxc-node/core/register', main], {...program, ...tsconfig})
})

it("shows a plugin that runs in Vite's own server", {timeout: 30_000}, async () => {
  const [, plugin] = /`vite\.config\.js` does it:\n\n```js\n([\s\S]*?)```/.exec(guide)!
  const vite = fileURLToPath(new URL('bin/vite.js', import.meta.resolve('vite/package.json')))
  await echoes(
    [vite, '--port', '0', '--host', '127.0.0.1'],
    {'vite.config.js': plugin!},
    /http:\/\/127\.0\.0\.1:(\d+)/,
  )
})
