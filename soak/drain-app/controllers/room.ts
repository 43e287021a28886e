import {setTimeout as delay} from 'node:timers/promises'
import {Candy, injectable, OnClose, OnMessage, OnOpen, Token, WsRoute} from 'candy-ws'

const counts = {opened: 0, closed: 0, disposed: 0}

/** What the program prints aside is its own; sigterm.ts reads it. */
function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

process.on('exit', () => say({counts}))

@injectable()
class Scoped {
  dispose(): void {
    counts.disposed += 1
  }
}

@WsRoute('/room')
@Token(false)
export class RoomController {
  // Asked for, so that each connection has one.
  constructor(
    readonly candy: Candy,
    readonly scoped: Scoped,
  ) {}

  @OnOpen()
  opened() {
    counts.opened += 1
    this.candy.ws.join('room')
  }

  /** Takes six seconds, whatever becomes of its client. */
  @OnMessage('slow')
  async slow() {
    say({slow: 'begun'})
    await delay(6_000)
    say({slow: 'finished'})
  }

  @OnClose()
  closed() {
    counts.closed += 1
  }
}
