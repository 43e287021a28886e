import {Body, Candy, CandyError, Emits, OnBinary, OnMessage, Token, WsRoute, type CandyRoot} from 'candy-ws'
import {Type} from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'

class Line {
  @Matches(/^[A-Z]{3}-\d+$/)
  sku!: string

  @IsInt()
  @Min(1)
  @Max(99)
  count!: number
}

class Address {
  @Length(1, 80)
  street!: string

  @IsOptional()
  @Length(2, 2)
  country?: string
}

class Order {
  @ValidateNested({each: true})
  @Type(() => Line)
  @ArrayNotEmpty()
  @ArrayMaxSize(50)
  lines!: Line[]

  @ValidateNested()
  @Type(() => Address)
  to!: Address

  @IsIn(['post', 'courier', 'drone'])
  by!: string

  @IsBoolean()
  gift!: boolean

  @IsOptional()
  @Length(1, 200)
  note?: string
}

class Receipt {
  @IsInt()
  pieces!: number
}

class Branch {
  @Length(1, 20)
  name!: string

  @IsOptional()
  @ValidateNested({each: true})
  @Type(() => Branch)
  branches?: Branch[]
}

/** A message of every kind that a form is made of. */
@WsRoute('/orders', {parallel: 2, limits: {maxPayload: 32_768}})
@Token(false)
@Emits('ordered', Receipt)
export class OrdersController {
  constructor(private readonly candy: Candy) {}

  @OnMessage('order', {reply: Receipt})
  order(@Body() {lines, note}: Order): Receipt {
    if (note === 'closed') throw new CandyError('CLOSED', 'The shop is closed', {opens: '08:00'})
    return {pieces: lines.reduce((sum, {count}) => sum + count, 0)}
  }

  @OnMessage('tree')
  tree(@Body() branch: Branch) {
    return branch
  }

  @OnMessage('anything')
  anything(@Body() body: unknown) {
    return body
  }

  @OnMessage('ping')
  ping() {}

  @OnMessage('leave')
  leave() {
    this.candy.ws.close(4321, 'As you wish')
  }

  @OnMessage('later')
  later() {
    this.candy.ws.close(1012, 'Service restart')
  }

  @OnBinary()
  bytes(@Body() bytes: Buffer) {
    this.candy.ws.sendBinary(bytes.toReversed())
  }
}

/** A function that says what it takes when somebody connects, and one that sends as much as it is told to. */
export function functions(Candy: CandyRoot): void {
  Candy.Route.ws(
    '/functional/orders',
    Candy => Candy.ws.on('order', Order, ({lines}) => ({pieces: lines.length})),
    {token: false},
  )
  Candy.Route.ws(
    '/flood',
    Candy =>
      Candy.ws.on('flood', Object, message => {
        const {count, from = 1} = message as {count: number; from?: number}
        for (let n = from; n < from + count; n++) Candy.ws.send({type: 'drop', n})
        return null
      }),
    {token: false},
  )
  Candy.Route.get('/orders/{id}', Candy => ({id: Candy.Request.data.url.id, query: Candy.Request.data.get}))
}
