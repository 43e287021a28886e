import 'reflect-metadata'
import {Type} from 'class-transformer'
import {IsDefined, IsInt, IsString, ValidateNested} from 'class-validator'
import {describe, expect, it} from 'vitest'
import {Body, BootError, createApp, OnMessage, Token, WsRoute} from 'candy-ws'
import {appFolder} from '../support/app-folder.js'
import {ask} from '../support/ask.js'
import {candy} from '../support/cli.js'
import {serve} from '../support/serve-handlers.js'

type Dto = new () => object

class Item {
  @IsInt()
  count!: number
}
class Bare {}

/** The faults of an app with a controller that takes messages of a class. */
async function faults(body: Dto, groups?: readonly string[]): Promise<readonly string[]> {
  class Room {
    say(): void {}
  }
  const method = Object.getOwnPropertyDescriptor(Room.prototype, 'say')!
  OnMessage('say', {body, ...(groups && {groups})})(Room.prototype, 'say', method)
  Token(false)(Room)
  WsRoute('/room')(Room)
  try {
    await (await createApp({controllers: [Room]})).close()
    return []
  } catch (error) {
    return (error as BootError).problems.map(({code, message}) => `${code} ${message}`)
  }
}

describe('5. a class whose messages would be judged in part is a fault at boot', () => {
  it('row 25: nested, with @ValidateNested and no @Type', async () => {
    class Order {
      @ValidateNested()
      item!: Item
    }
    expect(await faults(Order)).toEqual(['UNJUDGED_FIELD Order.item has @ValidateNested and no @Type'])
  })

  it('nested, with @Type and no @ValidateNested', async () => {
    class Order {
      @IsDefined()
      @Type(() => Item)
      item!: Item
    }
    expect(await faults(Order)).toEqual([
      'UNJUDGED_FIELD Order.item is a class with rules, and they are not asked',
    ])
  })

  it('nested, with neither, as its type says', async () => {
    class Order {
      @IsDefined()
      item!: Item
    }
    expect(await faults(Order)).toEqual([
      'UNJUDGED_FIELD Order.item is a class with rules, and they are not asked',
    ])
  })

  it('nested, of a class without a rule', async () => {
    class Order {
      @ValidateNested()
      @Type(() => Bare)
      item!: Bare
    }
    expect(await faults(Order)).toEqual(['NO_RULES Bare is the class of a message and has no rules'])
  })

  it('several at once, at any depth, and in a class that contains itself', async () => {
    class Inner {
      @ValidateNested()
      one!: Item
      @IsDefined()
      two!: Item
    }
    class Tree {
      @ValidateNested({each: true})
      @Type(() => Tree)
      children!: Tree[]
      @ValidateNested()
      @Type(() => Inner)
      inner!: Inner
    }
    expect(await faults(Tree)).toEqual([
      'UNJUDGED_FIELD Inner.one has @ValidateNested and no @Type',
      'UNJUDGED_FIELD Inner.two is a class with rules, and they are not asked',
    ])
  })

  it('without a rule in the groups that are asked for', async () => {
    class Order {
      @IsString({groups: ['create']})
      name!: string
    }
    expect(await faults(Order, ['create'])).toEqual([])
    expect(await faults(Order, ['update'])).toEqual(["NO_RULES Order has no rules in 'update'"])
  })
})

const trimmed = `
import {Transform} from 'class-transformer'
import {IsString} from 'class-validator'
import {OnMessage, Token, WsRoute} from 'candy-ws'

export class Say {
  @Transform(({value}) => String(value).trim())
  @IsString()
  text!: string
}

@WsRoute('/room')
@Token(false)
export class RoomController {
  @OnMessage('say')
  say(message: Say) {}
}
`

it('5. candy check says which classes are left to class-validator itself', {timeout: 60_000}, async () => {
  const dir = appFolder({'package.json': {type: 'module'}, 'controllers/room.ts': trimmed})
  expect(await candy(['check', dir]).exited).toEqual({
    code: 0,
    stdout:
      'controllers/room.ts:12  Say is judged by class-validator itself, which takes a hundred times as long: Say has @Transform, @Expose or @Exclude\n1 route, no faults\n',
    stderr: '',
  })
})

const lists = `
import {Type} from 'class-transformer'
import {Allow, IsArray, IsInt, ValidateNested} from 'class-validator'
import {Body, OnMessage, Token, WsRoute} from 'candy-ws'

class Line {
  @IsArray() tags!: string[]
}
class Order {
  @ValidateNested({each: true}) @Type(() => Line) lines!: Line[]
  @IsArray() loose!: Line[]
  @IsArray() @IsInt({each: true}) numbers!: number[]
  @IsArray() @Allow({each: true}) anything!: unknown[]
}

@WsRoute('/room')
@Token(false)
export class RoomController {
  @OnMessage('order')
  order(@Body() order: Order) {}
}
`

it(
  '5. candy check says in which lists nothing is judged, and candy start too',
  {timeout: 60_000},
  async () => {
    const dir = appFolder({'package.json': {type: 'module'}, 'controllers/room.ts': lists})
    const {code, stdout} = await candy(['check', dir]).exited
    expect(code).toBe(0)
    const said = [...stdout.matchAll(/^controllers\/room\.ts:16 {2}the items of (\S+) are not checked: /gm)]
    expect(said.map(([, field]) => field)).toEqual(['Line.tags', 'Order.loose'])
    const server = candy(['start', dir, '--port', '0'])
    await server.printed('stderr', /the items of Order\.loose are not checked/)
  },
)

describe('5. what is said of a body twice', () => {
  class Say {
    @IsString()
    text!: string
  }
  class Plain {
    text = 'hi'
  }

  it('counts where it stands nearer: at the parameter', async () => {
    @WsRoute('/room')
    @Token(false)
    class Room {
      @OnMessage('judged', {validate: false})
      judged(@Body({validate: true}) {text}: Say) {
        return text
      }
      @OnMessage('parsed', {validate: true})
      parsed(@Body({validate: false}) {text}: Say) {
        return text
      }
    }
    const {connect} = await serve({}, {controllers: [Room]})
    const client = await connect('/room')
    expect(await ask(client, {type: 'judged', text: 5, ref: 1})).toMatchObject([{code: 'VALIDATION'}])
    expect(await ask(client, {type: 'parsed', text: 5, ref: 2})).toMatchObject([{data: 5}])
  })

  it('holds for a reply without rules, in on() as in a class', async () => {
    const {connect} = await serve(({ws}) => {
      ws.on('plain', Plain, () => new Plain(), {validate: false, reply: Plain})
    })
    expect(await ask(await connect(), {type: 'plain', ref: 1})).toMatchObject([{data: {text: 'hi'}}])
  })

  it('is nothing where a rule stands on a symbol', async () => {
    class Marked extends Say {}
    IsInt()(Marked.prototype, Symbol('marked'))
    expect(await faults(Marked)).toEqual([])
  })
})

const typeOnly = `
import {Body, OnMessage, Token, WsRoute} from 'candy-ws'
import type {Say} from '../say.js'

@WsRoute('/room')
@Token(false)
export class RoomController {
  @OnMessage('say')
  say(@Body() message: Say) {}
  @OnMessage('raw')
  raw(@Body({validate: false}) message: unknown) {}
}
`

it(
  '5. candy check says which bodies nothing judges, as `import type` has it',
  {timeout: 60_000},
  async () => {
    const dir = appFolder({'package.json': {type: 'module'}, 'controllers/room.ts': typeOnly})
    const {code, stdout} = await candy(['check', dir]).exited
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^controllers\/room\.ts:5 {2}parameter 1 of RoomController\.say\(\) comes as parsed: .*import it without `type`.*\n1 route, no faults\n$/,
    )
  },
)

it(
  'a field without a rule is remarked, where messages that have it are refused',
  {timeout: 60_000},
  async () => {
    const controller = (options: string) => `import {Body, OnMessage, WsRoute} from 'candy-ws'
import {IsString} from 'class-validator'

class Say {
  @IsString()
  text!: string

  plain!: string
  count = 0
}

@WsRoute('/room'${options})
export class RoomController {
  @OnMessage('say')
  say(@Body() _: Say) {}
}
`
    const checked = async (options: string) => {
      const files = {'package.json': {type: 'module'}, 'controllers/room.ts': controller(options)}
      return (await candy(['check', appFolder(files)]).exited).stdout
    }
    expect(await checked('')).toBe(
      'controllers/room.ts:12  Say.plain has no rule, so a message that has it is refused: decorate it, with @Allow() if anything may be in it\n1 route, no faults\n',
    )
    expect(await checked(", {whitelist: 'keep'}")).toBe('1 route, no faults\n')
  },
)
