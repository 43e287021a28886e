import {execFile} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {Parser} from '@asyncapi/parser'
import {expect, it} from 'vitest'
import {appFolder} from '../test/support/app-folder.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))

async function documentOf(dir: string) {
  const {stdout} = await promisify(execFile)(process.execPath, [main, 'asyncapi', dir])
  const {document, diagnostics} = await new Parser().parse(stdout)
  // 0 is an error (Spectral); what is less is advice, such as to name a license.
  return {document: document!, errors: diagnostics.filter(({severity}) => Number(severity) === 0)}
}

it('the document of the example has no error, and says what it takes, answers and sends', async () => {
  const {document, errors} = await documentOf(root)
  expect(errors).toEqual([])
  expect(
    document
      .channels()
      .all()
      .map(channel => channel.address()),
  ).toEqual(['/echo', '/functional/echo', '/game', '/notifications', '/room/{id}'])
  const room = document.channels().get('room_id')!
  expect(
    room
      .parameters()
      .all()
      .map(parameter => parameter.id()),
  ).toEqual(['id'])
  const operations = room.operations().all()
  expect(operations.map(one => [one.action(), one.id()])).toEqual([
    ['receive', 'room_id.receive.say'],
    ['receive', 'room_id.receive.typing'],
    ['send', 'room_id.send.welcome'],
    ['send', 'room_id.send.said'],
    ['send', 'room_id.send.joined'],
    ['send', 'room_id.send.left'],
    ['send', 'room_id.send.typing'],
  ])
  const [say] = operations
  expect(say!.messages().all()[0]!.payload()!.json()).toMatchObject({
    properties: {type: {const: 'say'}, text: {type: 'string', maxLength: 500}},
    required: ['type', 'text'],
    additionalProperties: false,
  })
  expect(
    say!
      .reply()!
      .messages()
      .all()
      .map(message => message.name()),
  ).toEqual(['reply', 'error'])
  expect(say!.security()[0]!.all()[0]!.scheme().description()).toContain('a user')
})

it('the document of an app with odd names and every kind of message has no error', async () => {
  const dir = appFolder({
    'package.json': {type: 'module'},
    'controllers/odd.ts': `import {Body, Emits, OnBinary, OnMessage, Token, WsRoute} from 'candy-ws'
import {Type} from 'class-transformer'
import {Allow, IsDate, IsEmpty, IsEnum, IsIn, IsNotIn, IsOptional, Matches, NotEquals, Max, IsPositive, ValidateNested} from 'class-validator'

class $Tree {
  @IsOptional() @ValidateNested({each: true}) @Type(() => $Tree) children?: $Tree[]
  @Matches(/[\\w-]+/i) flagged!: string
  @Matches(/^\\p{L}+$/u) letters!: string
  @IsEnum({a: 1, b: 'two'}) mixed!: unknown
  @IsIn([1, 'a', null]) one!: unknown
  @IsNotIn([1, 2]) other!: number
  @NotEquals('x') notX!: string
  @IsEmpty() nothing!: unknown
  @IsPositive() @Max(9) some!: number
  @Type(() => Date) @IsDate() at!: Date
  @ValidateNested({each: true}) @Type(() => $Tree) map!: Map<string, $Tree>
  @Allow() any: unknown
}
class Bare { @Allow() type!: string; @Allow() ref!: number }

@WsRoute('/')
@Emits('a b/c~d', $Tree)
export class OddController {
  @OnMessage('a b/c~d', {reply: $Tree}) a(@Body() tree: $Tree) { return tree }
  @OnMessage('a b_c~d') b(@Body() bare: Bare) { return bare }
  @OnMessage('') c() {}
  @OnMessage() d(@Body() tree: $Tree) { return tree }
  @OnBinary() e(bytes: Buffer) { return bytes }
}

@WsRoute('/{a}/b_c/{d}')
@Token(false)
export class PathController { @OnMessage('a') a() {} }

@WsRoute('/a/b/c/{d}')
@Token(false)
export class OtherController { @OnMessage('a') a() {} }

@WsRoute('/a_b/{c}/ü')
@Token(false)
export class ThirdController { @OnMessage('a') a() {} }
`,
  })
  const {document, errors} = await documentOf(dir)
  expect(errors).toEqual([])
  expect(document.channels().all()).toHaveLength(4)
  expect(document.operations().all()).toHaveLength(9)
})
