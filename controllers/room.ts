import {Body, Candy, OnClose, OnMessage, OnOpen, Param, singleton, Use, WsRoute} from 'candy-ws'

/** What was said lately, room by room; one for the whole app. */
@singleton()
export class HistoryService {
  readonly #rooms = new Map<string, object[]>()

  add(room: string, entry: object): void {
    this.#rooms.set(room, [...this.of(room), entry].slice(-20))
  }

  of(room: string): readonly object[] {
    return this.#rooms.get(room) ?? []
  }
}

/** A room chat: one instance per connection, so its fields are the connection's state. */
@WsRoute('/room/<id>')
@Use('rate-limit')
export class RoomController {
  private name = 'somebody'

  constructor(
    private readonly candy: Candy,
    private readonly history: HistoryService,
  ) {}

  @OnOpen()
  opened(@Param('id') id: string) {
    this.candy.ws.join(id)
    this.candy.ws.send({type: 'history', entries: this.history.of(id)})
  }

  @OnMessage('name')
  rename(@Body() message: {name?: unknown}, @Param('id') id: string) {
    this.name = text(message.name, 40) || 'somebody'
    this.candy.ws.to(id).except(this.candy.ws.id).send({type: 'joined', name: this.name})
    return {name: this.name}
  }

  @OnMessage('say')
  say(@Body() message: {text?: unknown}, @Param('id') id: string) {
    const said = {type: 'said', name: this.name, text: text(message.text, 500), at: Date.now()}
    this.history.add(id, said)
    this.candy.ws.to(id).send(said)
  }

  @OnClose()
  closed(@Param('id') id: string) {
    this.candy.ws.to(id).send({type: 'left', name: this.name})
  }
}

/** What came is not to be trusted: until DTOs check it, we do. */
function text(value: unknown, maxLength: number): string {
  return typeof value === 'string' ? value.slice(0, maxLength) : ''
}
