import {
  Auth,
  Body,
  Candy,
  CandyError,
  createApp,
  OnBinary,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  Param,
  Query,
  Token,
  Use,
  User,
  WsRoute,
} from 'candy-ws'
import {setTimeout as delay} from 'node:timers/promises'
import {Say, type MakeApp} from './route.js'

@WsRoute('/welcome')
@Token(false)
class Welcome {
  @OnOpen() opened(candy: Candy) {
    candy.ws.send({type: 'welcome'})
  }
}

@WsRoute('/token')
class WithToken extends Welcome {}
Token(true)(WithToken)

@WsRoute('/hall/<hall>/user/<user>')
@Token(false)
class Hall {
  constructor(private readonly candy: Candy) {}
  @OnOpen() opened(@Param('hall') hall: string, @Param('user') user: string, @Query('as') as: string) {
    this.candy.ws.send({hall, user, as})
  }
}

@WsRoute('/count')
@Token(false)
class Count {
  #count = 0
  @OnMessage('add') add(candy: Candy) {
    candy.ws.send({count: (this.#count += 1)})
  }
}

@WsRoute('/broken')
@Token(false)
class Broken {
  @OnOpen() async opened() {
    await delay(1)
    throw new Error('the secret of /broken')
  }
}

@WsRoute('/typed')
@Token(false)
class Typed {
  @OnMessage('say') say(@Body() {text}: Say) {
    return {heard: text}
  }
  @OnMessage('later') async later(@Body() {text}: Say) {
    await delay(5)
    return {heard: text}
  }
  @OnMessage('nothing') nothing() {}
  @OnMessage('boom') boom() {
    throw new Error('the secret of boom')
  }
  @OnMessage('full') full() {
    throw new CandyError('FULL', 'This room takes 8', {max: 8})
  }
}

@WsRoute('/all')
@Token(false)
class All {
  @OnMessage() any(@Body() heard: unknown, candy: Candy) {
    candy.ws.send({heard})
  }
}

@WsRoute('/binary')
@Token(false)
class Binary {
  @OnBinary() bytes(chunk: Buffer, candy: Candy) {
    candy.ws.sendBinary(Buffer.from(chunk.toReversed()))
  }
}

@WsRoute('/errors')
@Token(false)
class Errors {
  constructor(private readonly candy: Candy) {}
  @OnMessage('boom') async boom() {
    await delay(1)
    throw new Error('the secret of boom')
  }
  @OnError() failed({message}: Error) {
    this.candy.ws.send({type: 'failed', message})
  }
}

@WsRoute('/leaving')
@Token(false)
class Leaving {
  constructor(private readonly candy: Candy) {}
  @OnOpen() opened() {
    this.candy.ws.join('hall')
    this.candy.ws.send({type: 'here'})
  }
  @OnMessage('bye') bye() {
    this.candy.ws.close(4100, 'as you wish')
  }
  @OnClose() closed(code: number, reason: string) {
    this.candy.ws.broadcast({type: 'left', code, reason, rooms: [...this.candy.ws.rooms]})
  }
}

@WsRoute('/room/<id>')
@Token(false)
class Room {
  constructor(private readonly candy: Candy) {}
  @OnOpen() opened(@Param('id') id: string) {
    this.candy.ws.join(id)
  }
  @OnMessage('say') say(@Body() {text}: Say, @Param('id') id: string) {
    this.candy.ws.to(id).send({type: 'said', text})
  }
}

@WsRoute('/secure')
@Token(false)
@Auth()
class Secure {
  @OnOpen() opened(@User() user: unknown, candy: Candy) {
    candy.ws.send({user, known: candy.ws.user})
  }
}

const first = ({ws}: Candy) => {
  ws.data.order = ['first']
}
const second = ({ws, Request}: Candy) => {
  ws.data.order = [...(ws.data.order as string[]), 'second']
  return Request.header('x-odd') === 'yes' ? 'odd' : true
}

@WsRoute('/vip')
@Token(false)
@Use('vip')
@Use(first, second)
class Vip {
  @OnOpen() opened(candy: Candy) {
    candy.ws.send({order: candy.ws.data.order})
  }
}

const controllers = [
  Welcome,
  WithToken,
  Hall,
  Count,
  Broken,
  Typed,
  All,
  Binary,
  Errors,
  Leaving,
  Room,
  Secure,
  Vip,
]

/** The routes of the suite as classes. */
export const makeDecorated: MakeApp = options => createApp({...options, controllers})
