import {join} from 'node:path'
import ts from 'typescript'
import {beforeAll, describe, expect, it, vi} from 'vitest'
import {makeFolder, removeFolders} from '../support/app-folder.js'
import {pageProgram} from '../support/page-compiler.js'

// The compiler reads the types of every library.
vi.setConfig({hookTimeout: 60_000})

const contract = `export interface Contract {
  '/room/{id}': {
    params: {id: string}
    takes: {
      say: {body: Say; reply: Said}
      typing: {body: undefined; reply: unknown}
      raw: {body: unknown; reply: unknown}
    }
    sends: {
      said: Said
      left: {who: string}
    }
  }
  '/echo': {params: {}; takes: {echo: {body: Say; reply: Say}}; sends: {[type: string]: unknown}}
  '/game': {params: {}; takes: {[type: string]: {body: unknown; reply: unknown}}; sends: {[type: string]: unknown}}
}
export interface Say { text: string; to?: string }
export interface Said { text: string; at: number }
`

const sound = [
  "room.send('say', {text: 'hi'})",
  "room.send('say', {text: 'hi', to: 'Ada'})",
  "room.send('typing')",
  "room.send('raw')",
  "room.send('raw', {any: 1})",
  "const at: Promise<number> = room.request('say', {text: 'hi'}).then(said => said.at)",
  "room.request('say', {text: 'hi'}, {timeout: 1})",
  "room.request('typing', undefined, {timeout: 1})",
  "room.on('said', said => said.at + said.text.length)",
  "room.on('message', message => (message.type === 'error' ? message.code : message.type === 'said' ? message.at : message.who))",
  "room.on('close', (code, reason) => code + reason.length).on('open', () => undefined)",
  "client.ws('/room/{id}', {params: {id: 7}, query: {a: 'b'}, token: false})",
  "client.ws('/echo').request('echo', {text: ''}).then(({text}) => text)",
  "client.ws('/echo', {query: {a: 'b'}}).on('any', (message: {type: string}) => message.type)",
  "client.ws('/game').send('move', {x: 1})",
  "room.on('state', (state, why) => (state === 'closed' ? why?.code : why?.reason.length))",
  "room.on('gap', () => undefined).on('dropped', message => message).on('error', error => error.message)",
  "room.on('gap', rooms => rooms?.map(room => room.length))",
  "room.on('presence', ({room, users, left}) => [room.length, users[0]?.id?.length, left[0]?.key, left[0]?.connections.toFixed()])",
  "const who: PresentUser[] = []; Candy.ws('/echo').on('presence', ({joined}: Presence) => who.push(...joined))",
  "const state: 'connecting' | 'open' | 'reconnecting' | 'closed' = room.state",
  "const sent: boolean = room.send('typing')",
  "client.ws('/echo', {shared: true, autoReconnect: false, reconnectDelay: 1, maxReconnectAttempts: 1, queue: 1, identity: ''})",
  "createClient<Contract>({url: '', token: async () => '', headers: {cookie: ''}, WebSocket})",
  "Candy.ws('/echo', {shared: true, query: {a: 'b'}, params: {id: 7}}).on('message', message => message)",
  "Candy.ws('/echo').send(new Uint8Array(1))",
  "Candy.ws('/echo').request('say', {text: 'hi'}, {timeout: 1}).then(reply => reply)",
]

const wrong: readonly (readonly [code: string, fault: RegExp])[] = [
  ["client.ws('/rom/{id}', {params: {id: '7'}})", /"\/rom\/\{id\}"/],
  ["client.ws('/room/{id}')", /Expected 2 arguments/],
  ["client.ws('/room/{id}', {})", /'params' is missing/],
  ["client.ws('/room/{id}', {params: {}})", /'id' is missing/],
  ["client.ws('/room/{id}', {params: {id: true}})", /boolean/],
  ["client.ws('/room/{id}', {params: {id: '7', ix: ''}})", /'ix' does not exist/],
  ["client.ws('/echo', {params: {}})", /'params' does not exist/],
  ["room.send('shout', {text: ''})", /"shout"/],
  ["room.send('say')", /Expected 2 arguments/],
  ["room.send('say', {})", /'text' is missing/],
  ["room.send('say', {text: 1})", /'number' is not assignable to type 'string'/],
  ["room.send('say', {text: '', txt: ''})", /'txt' does not exist/],
  ["room.send('typing', {text: ''})", /not assignable to .*undefined/],
  ["room.request('say', {words: ''})", /'words' does not exist/],
  ["room.request('say', {text: ''}).then(said => said.words)", /'words' does not exist/],
  ["room.on('said', said => said.words)", /'words' does not exist/],
  ["room.on('sad', () => undefined)", /"sad"|No overload/],
  ["room.on('message', message => message.at)", /'at' does not exist/],
  ["room.on('state', state => state === 'opened')", /no overlap/],
  ["room.on('state', (state, why) => why.code)", /possibly 'undefined'/],
  ["room.on('gap', rooms => rooms.length)", /possibly 'undefined'/],
  ["room.on('presence', ({users}) => users[0]!.id.length)", /possibly 'null'/],
  ["room.on('presence', ({users}) => users[0]!.meta.name)", /unknown/],
  ["room.on('presence', ({users}) => users.pop())", /'pop' does not exist/],
  ["room.state = 'open'", /read-only/],
  ["client.ws('/echo', {share: true})", /'share' does not exist/],
  ["client.ws('/echo', {token: 'abc'})", /'string' is not assignable/],
  ["Candy.ws('/echo').on('said', () => undefined)", /"said"/],
  ["Candy.ws('/echo', {share: true})", /'share' does not exist/],
  ["Candy.ws('/echo').request('say').then(reply => reply.text)", /unknown/],
]

let faults: Map<string, string>

/** What the compiler says of each line. */
beforeAll(() => {
  const lines = [
    "import {Candy, createClient} from 'candy-ws/client'",
    "import type {Presence, PresentUser} from 'candy-ws/client'",
    "import type {Contract} from './contract.js'",
    'const client = createClient<Contract>()',
    "const room = client.ws('/room/{id}', {params: {id: '7'}})",
    ...sound,
    ...wrong.map(([code]) => code),
  ]
  const dir = makeFolder({
    'package.json': {type: 'module'},
    'contract.d.ts': contract,
    'main.ts': lines.map(line => `${line};\n`).join(''),
  })
  const file = join(dir, 'main.ts')
  const program = pageProgram(file)
  const found = ts.getPreEmitDiagnostics(program).map((one): [string, string] => {
    const {line} = one.file!.getLineAndCharacterOfPosition(one.start!)
    const where = one.file!.fileName === file ? lines[line]! : one.file!.fileName
    return [where, ts.flattenDiagnosticMessageText(one.messageText, '\n')]
  })
  faults = new Map(found)
  removeFolders()
})

describe('what the compiler says of a typed client', () => {
  it.each(sound)('is nothing about %s', code => {
    expect(faults.get(code)).toBeUndefined()
  })

  it.each(wrong)('is a fault about %s', (code, fault) => {
    expect(faults.get(code)).toMatch(fault)
  })

  it('is nothing about the client itself, where neither a page nor Node has types', () => {
    const dir = makeFolder({
      'package.json': {type: 'module'},
      'main.ts': "import {Candy} from 'candy-ws/client'\nCandy.ws('/echo').send({any: 1})\n",
    })
    const program = pageProgram(join(dir, 'main.ts'), ['lib.es2022.d.ts'])
    expect(ts.getPreEmitDiagnostics(program).map(({messageText}) => messageText)).toEqual([])
    removeFolders()
  })

  it('is nothing about the client itself, in a page', () => {
    expect([...faults.keys()].filter(code => !wrong.some(([line]) => line === code))).toEqual([])
  })
})
