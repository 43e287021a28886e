import {
  BootError,
  createApp,
  OnMessage,
  Token,
  WsRoute,
  type App,
  type AppOptions,
  type BootCode,
  type CandyRoot,
} from 'candy-ws'
import {IsInt, IsString, Matches, ValidateNested} from 'class-validator'
import {Type} from 'class-transformer'
import {describe, expect, it} from 'vitest'
import {appFolder} from '../support/app-folder.js'
import {candy} from '../support/cli.js'
import {memoryLogger} from '../support/log.js'

const nothing = () => undefined

function controllerOf(body: new () => object) {
  @WsRoute('/say')
  @Token(false)
  class Says {
    @OnMessage('say', {body}) say() {}
  }
  return Says
}

class NoRules {
  text!: string
}

class Line {
  @IsInt() count!: number
}

class Untyped {
  @ValidateNested() line!: Line
}

const wrong = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '64', null] as const
const some = ['maxPayload', 'acceptRate', 'pongTimeout', 'maxPerUser', 'drainSpread', 'tokenTtl'] as const

const refused: readonly (readonly [what: string, options: AppOptions, code: BootCode, says: string])[] = [
  [
    'two routes at one path',
    {routes: [({Route}: CandyRoot) => [Route.ws('/a/{x}', nothing), Route.ws('/a/<y>', nothing)]]},
    'DUPLICATE_ROUTE',
    '/a/{',
  ],
  ['a class without a rule', {controllers: [controllerOf(NoRules)]}, 'NO_RULES', 'NoRules'],
  ['a nested class that nobody judges', {controllers: [controllerOf(Untyped)]}, 'UNJUDGED_FIELD', 'line'],
  [
    'auth with every origin and no token',
    {origins: '*', routes: [({Route}) => Route.auth.ws('/a', nothing, {token: false})]},
    'UNSAFE_ROUTE',
    '/a',
  ],
  ...some.flatMap(name =>
    wrong.map(
      value =>
        [`${name} ${String(value)}`, {limits: {[name]: value as number}}, 'INVALID_OPTION', name] as const,
    ),
  ),
  ['a time of 2^31', {limits: {pongTimeout: 2 ** 31}}, 'INVALID_OPTION', 'pongTimeout'],
  [
    'a limit there is not',
    {limits: {maxPayloads: 1} as AppOptions['limits']},
    'INVALID_OPTION',
    'maxPayloads',
  ],
]

describe('an app that must not be', () => {
  it.each(refused)('row 75: %s is refused with one clear error', async (_, options, code, says) => {
    const error = await createApp({logger: memoryLogger(), ...options}).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(BootError)
    const {problems, message} = error as BootError
    expect(problems).toEqual([
      {
        code,
        place: expect.stringMatching(/./),
        message: expect.any(String),
        remedy: expect.stringMatching(/\w/),
      },
    ])
    expect(problems[0]!.message + problems[0]!.remedy).toContain(says)
    expect(message).toContain(problems[0]!.message)
  })

  it('row 75: each of several faults is told once, and all at once', async () => {
    const limits = {maxPayload: 0, pongTimeout: Number.NaN, maxRooms: 2 ** 53}
    const error = await createApp({logger: memoryLogger(), limits}).catch((thrown: unknown) => thrown)
    const {problems} = error as BootError
    const names = Object.keys(limits)
    expect(problems.map(({message}) => names.find(name => message.includes(name)))).toEqual(names)
  })
})

describe('a regular expression that takes for ever', () => {
  class Deep {
    @Matches(/^x(a|a)*$/) name!: string
  }
  class Slow {
    @Matches(/^(\w+\s?)*$/) words!: string
    @Matches('\\s+$') trailing!: string
    @ValidateNested() @Type(() => Deep) deep!: Deep
    @IsString() plain!: string
  }
  class Quick {
    @Matches(/^[a-z0-9]+(?:-[a-z0-9]+)*$/) slug!: string
    @Matches(/^\d{4}-\d\d-\d\d$/) day!: string
    @Matches(/^\S+@\S+$/) address!: string
    @Matches(/^#[0-9a-f]{6}$/i) colour!: string
  }

  it('row 76: is named at boot, whatever class it is in; sound ones are not', async () => {
    const slow = await createApp({logger: memoryLogger(), controllers: [controllerOf(Slow)]})
    const patterns = remarksOf(slow).flatMap(
      remark => /(\S+: \/.*\/\w*) takes very long/.exec(remark)?.[1] ?? [],
    )
    expect(patterns).toEqual([
      'Slow.words: /^(\\w+\\s?)*$/',
      'Slow.trailing: /\\s+$/',
      'Deep.name: /^x(a|a)*$/',
    ])
    await slow.close()
    const quick = await createApp({logger: memoryLogger(), controllers: [controllerOf(Quick)]})
    expect(remarksOf(quick)).toEqual([])
    await quick.close()
  })

  it('row 76: is named by `candy check`', {timeout: 60_000}, async () => {
    const dir = appFolder({
      'package.json': {type: 'module'},
      'controllers/say.ts': `import {OnMessage, WsRoute} from 'candy-ws'
import {Matches} from 'class-validator'
class Say {
  @Matches(/^(a+)+$/) text!: string
}
@WsRoute('/say')
export class Says {
  @OnMessage('say') say(_say: Say) {}
}
`,
    })
    const {code, stdout} = await candy(['check', dir]).exited
    expect([code, stdout]).toEqual([0, expect.stringContaining('Say.text: /^(a+)+$/ takes very long')])
  })
})

/** What `candy check` and `candy start` print of an app that is no fault. */
function remarksOf(app: App): readonly string[] {
  return (app as unknown as {readonly remarks: readonly string[]}).remarks
}
