import {Body, Candy, Emits, OnMessage, OnOpen, Param, WsRoute} from 'candy-ws'
import {Said, Say} from '../messages/say.js'

/** A room to talk in: /chat/lobby, /chat/garden. There is one instance per connection. */
@WsRoute('/chat/<room>')
@Emits('said', Said)
export class ChatController {
  private room!: string

  constructor(private readonly candy: Candy) {}

  @OnOpen()
  opened(@Param('room') room: string) {
    this.room = `chat-${room}`
    this.candy.ws.join(this.room)
  }

  /** Everybody in the room hears it, and who said it is answered. */
  @OnMessage('say', {reply: Said})
  say(@Body() {name, text}: Say): Said {
    const said = {name, text, at: Date.now()}
    this.candy.ws.to(this.room).send({type: 'said', ...said})
    return said
  }
}
