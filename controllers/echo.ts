import {Body, OnMessage, Token, WsRoute} from 'candy-ws'

/** Says back what it hears. Its functional twin is /functional/echo in web/route/websocket.js. */
@WsRoute('/echo')
@Token(false)
export class EchoController {
  @OnMessage('echo')
  echo(@Body() message: {text?: unknown}) {
    return {text: message.text}
  }
}
