import {
  BootError,
  createApp,
  inject,
  injectable,
  OnMessage,
  OnOpen,
  Parallel,
  Param,
  Token,
  Use,
  WsRoute,
  type App,
  type AppOptions,
} from 'candy-ws'
import {afterEach, describe, expect, it} from 'vitest'
import {makeFolder, removeFolders} from '../support/app-folder.js'
import {candy} from '../support/candy.js'

afterEach(removeFolders)

async function found(options: AppOptions): Promise<string[]> {
  const error = await createApp(options).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(BootError)
  return (error as BootError).problems.map(({code, message}) => `${code} ${message}`).toSorted()
}

describe('one error lists them all', () => {
  it('of two faults in two files', async () => {
    const dir = makeFolder({
      'route/chat.js': `export default Candy => Candy.Route.use('nobody').ws('/chat', () => {})`,
      'controllers/room.ts': `import {WsRoute} from 'candy-ws'\n@WsRoute('/room')\nexport class Room {}`,
    })
    const {code, stderr} = await candy('check', dir)
    expect(code).toBe(1)
    expect(stderr).toBe(
      `controllers/room.ts:2  Room has no handler [NO_HANDLER]
    Decorate a method with @OnOpen, @OnMessage, @OnBinary, @OnClose or @OnError.
route/chat.js:1  there is no middleware 'nobody' [UNKNOWN_MIDDLEWARE]
    Known are rate-limit. Add a file middleware/nobody.js, or app.use('nobody', fn) before this route.
`,
    )
  })

  it('of a faulty config file and a faulty route', async () => {
    const dir = makeFolder({
      'candy.config.json': '{"prot": 1, "refuse": "status"}',
      'route/chat.js': `export default Candy => Candy.Route.ws('chat', () => {})`,
    })
    const {code, stderr} = await candy('check', dir)
    expect(code).toBe(1)
    expect(stderr).toContain("candy.config.json:1  unknown option 'prot' of createApp")
    expect(stderr).toContain("candy.config.json:1  the option 'refuse' of createApp is 'status'")
    expect(stderr).toContain('route/chat.js:1  the path "chat" is malformed')
  })

  it('of arguments, a missing folder and a function of the root', async () => {
    const options = {
      dir: './nowhere',
      strict: 1,
      secret: 'short',
      routes: [({Route}: App) => Route.ws('/{', () => {})],
    } as unknown as AppOptions
    const problems = await found(options)
    expect(problems).toEqual([
      'INVALID_OPTION the folder ./nowhere does not exist',
      "INVALID_OPTION the option 'strict' of createApp is 1",
      'INVALID_OPTION the secret has 5 characters',
      'MALFORMED_PATH the path "/{" is malformed',
    ])
  })

  it('of two middleware names in one route', async () => {
    expect(await found({routes: [({Route}) => Route.use('one', 'two').ws('/a', () => {})]})).toEqual([
      "UNKNOWN_MIDDLEWARE there is no middleware 'one'",
      "UNKNOWN_MIDDLEWARE there is no middleware 'two'",
    ])
  })

  it('of one class: its path, its options, its guards and its parameters', async () => {
    class Plain {}
    @WsRoute('/{id', {tokne: true} as object)
    @Use('one')
    class Faulty {
      @OnOpen() @Use('two') opened(plain: Plain) {
        return plain
      }
      @OnMessage('say') say(@Param('id') id: Date) {
        return id
      }
    }
    const problems = await found({controllers: [Faulty]})
    expect(problems).toEqual(
      [
        'MALFORMED_PATH the path "/{id" is malformed',
        "INVALID_OPTION unknown option 'tokne' of a route",
        "UNKNOWN_MIDDLEWARE there is no middleware 'two'",
        'INVALID_OPTION @Auth or @Use stands on Faulty.opened(), which takes no message',
        'UNINJECTABLE parameter 1 of Faulty.opened() is a Plain, which is neither a DTO nor injectable',
        'UNINJECTABLE @Param or @Query of Faulty.say() cannot make a Date',
      ].toSorted(),
    )
  })

  it('of one class: what it injects and takes, and which messages its methods are for', async () => {
    class Plain {}
    @injectable()
    class Mailer {
      constructor(@inject('at-once-smtp') readonly smtp: string) {}
    }
    @WsRoute('/all')
    class All {
      constructor(
        readonly mailer: Mailer,
        @inject('at-once-name') readonly name: string,
        readonly again: Mailer,
        readonly port: number,
      ) {}
      @OnMessage('say') say(first: Plain, second: Plain) {
        return [first, second]
      }
      @OnMessage('say') sayAgain() {}
      @OnMessage('candy.mine') mine(plain: Plain) {
        return plain
      }
    }
    const neither = 'is a Plain, which is neither a DTO nor injectable'
    expect(await found({controllers: [All]})).toEqual(
      [
        "MISSING_TOKEN nothing is registered for 'at-once-smtp', which All -> Mailer needs",
        "MISSING_TOKEN nothing is registered for 'at-once-name', which All needs",
        'MISSING_TOKEN All -> Number: a Number is a value, which no class says how to make',
        `UNINJECTABLE parameter 1 of All.say() ${neither}`,
        `UNINJECTABLE parameter 2 of All.say() ${neither}`,
        `UNINJECTABLE parameter 1 of All.mine() ${neither}`,
        "DUPLICATE_HANDLER All has two handlers for @OnMessage('say')",
        "RESERVED_TYPE @OnMessage('candy.mine') of All is reserved",
      ].toSorted(),
    )
  })

  it('of everything a decorator may be told wrong', async () => {
    @WsRoute('/wrong', {inject: 'Candy'} as object)
    @Token('no' as never)
    @Parallel(0)
    class Wrong {
      @OnOpen({body: Object} as object) opened() {}
      @OnMessage('a', {bdoy: Object} as object) a() {}
      @OnMessage('b', {args: 7} as never) b() {}
      @OnMessage('d') @Use(7 as never) d() {}
    }
    expect(await found({controllers: [Wrong]})).toEqual(
      [
        "INVALID_OPTION the option 'inject' of @WsRoute is 'Candy'",
        "INVALID_OPTION the option 'token' of a route is 'no'",
        "INVALID_OPTION the option 'parallel' of a route is 0",
        "INVALID_OPTION unknown option 'body' of the open handler",
        "INVALID_OPTION unknown option 'bdoy' of the message handler",
        "INVALID_OPTION the option 'args' of the message handler is 7",
        'NOT_A_FUNCTION a middleware in `use` is neither a name nor a function',
      ].toSorted(),
    )
  })

  it('but no class is made and no route is served', async () => {
    let made = 0
    @WsRoute('/sound')
    class Sound {
      constructor() {
        made += 1
      }
      @OnOpen() opened() {}
    }
    await expect(
      createApp({controllers: [Sound], routes: [({Route}) => Route.ws('x', () => {})]}),
    ).rejects.toBeInstanceOf(BootError)
    expect(made).toBe(0)
  })
})

describe('a sound app', () => {
  it('makes `candy check` say so and exit with 0', async () => {
    const dir = makeFolder({'route/chat.js': `export default Candy => Candy.Route.ws('/chat', () => {})`})
    expect(await candy('check', dir)).toEqual({code: 0, stdout: '1 route, no faults\n', stderr: ''})
  })
})
