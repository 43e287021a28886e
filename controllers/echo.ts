import {Body, OnMessage, Token, WsRoute} from 'candy-ws'
import {IsString} from 'class-validator'

class Echo {
  @IsString()
  readonly text!: string
}

/** Says back what it hears. Its functional twin is /functional/echo in web/route/websocket.js. */
@WsRoute('/echo')
@Token(false)
export class EchoController {
  @OnMessage('echo', {reply: Echo})
  echo(@Body() {text}: Echo): Echo {
    return {text}
  }
}
