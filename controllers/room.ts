import {
  Auth,
  Body,
  Candy,
  Emits,
  OnClose,
  OnMessage,
  OnOpen,
  Param,
  rateLimit,
  singleton,
  Use,
  User,
  WsRoute,
} from 'candy-ws'
import {Type} from 'class-transformer'
import {Equals, IsInt, IsString, Matches, MaxLength, ValidateNested} from 'class-validator'

/** A user, as web/route/www.js logs them in. */
class Person {
  @IsString()
  readonly id!: string

  @IsString()
  readonly name!: string
}

/** What a client may say. Anything else is refused before `say()` is called, with the words given here. */
class Say {
  @MaxLength(500, {message: 'That is more than 500 characters'})
  @Matches(/\S/, {message: 'There is nothing in it to say'})
  readonly text!: string
}

/** What everybody in the room hears of it. */
class Said {
  @Equals('said')
  readonly type!: 'said'

  @ValidateNested()
  @Type(() => Person)
  readonly from!: Person

  @IsString()
  readonly text!: string

  /** Milliseconds since 1970. */
  @IsInt()
  readonly at!: number
}

/** What whoever comes in hears first. */
class Welcome {
  @ValidateNested({each: true})
  @Type(() => Person)
  readonly people!: readonly Person[]

  @ValidateNested({each: true})
  @Type(() => Said)
  readonly history!: readonly Said[]
}

/** Somebody came in, left, or is typing. */
class Somebody {
  @ValidateNested()
  @Type(() => Person)
  readonly person!: Person
}

/** What was said lately, room by room; one for the whole app. */
@singleton()
export class HistoryService {
  readonly #rooms = new Map<string, readonly Said[]>()

  add(room: string, said: Said): void {
    const entries = [...this.of(room), said].slice(-50)
    this.#rooms.delete(room)
    this.#rooms.set(room, entries)
    // Anybody can name a new room: the one that was quiet for longest is forgotten.
    const [quietest] = this.#rooms.keys()
    if (this.#rooms.size > 100) this.#rooms.delete(quietest!)
  }

  of(room: string): readonly Said[] {
    return this.#rooms.get(room) ?? []
  }
}

/** Who is in a room. A person counts once, however many windows are open. */
@singleton()
export class PresenceService {
  readonly #rooms = new Map<string, Map<string, {readonly person: Person; windows: number}>>()

  /** @returns whether it is the person's first window here */
  enter(room: string, person: Person): boolean {
    const people = this.#rooms.get(room) ?? new Map<string, {person: Person; windows: number}>()
    const entry = people.get(person.id) ?? {person, windows: 0}
    entry.windows += 1
    this.#rooms.set(room, people.set(person.id, entry))
    return entry.windows === 1
  }

  /** @returns whether it was the person's last window here */
  leave(room: string, person: Person): boolean {
    const people = this.#rooms.get(room)
    const entry = people?.get(person.id)
    if (!people || !entry || --entry.windows > 0) return false
    people.delete(person.id)
    if (people.size === 0) this.#rooms.delete(room)
    return true
  }

  of(room: string): readonly Person[] {
    return [...(this.#rooms.get(room)?.values() ?? [])].map(({person}) => person)
  }
}

/** A middleware: `false` closes with 4003, before there is a connection. */
function roomName(candy: Candy): boolean {
  return /^[\p{L}\p{N} _-]{1,30}$/u.test(candy.Request.data.url.id ?? '')
}

/** A room chat. One instance per connection, so its fields are the connection's state. */
@WsRoute('/room/<id>')
@Auth()
@Use('rate-limit', roomName)
@Emits('welcome', Welcome)
@Emits('said', Said)
@Emits('joined', Somebody)
@Emits('left', Somebody)
@Emits('typing', Somebody)
export class RoomController {
  private room!: string
  private me!: Person

  constructor(
    private readonly candy: Candy,
    private readonly history: HistoryService,
    private readonly presence: PresenceService,
  ) {}

  @OnOpen()
  opened(@Param('id') id: string, @User() user: Person) {
    // Rooms are the app's: without a prefix of its own, /room/user-7 would hear what is sent to user 7.
    this.room = `room-${id}`
    this.me = {id: user.id, name: user.name}
    this.candy.ws.join(this.room)
    if (this.presence.enter(this.room, this.me)) this.others.send({type: 'joined', person: this.me})
    this.candy.ws.send({
      type: 'welcome',
      people: this.presence.of(this.room),
      history: this.history.of(this.room),
    })
  }

  @OnMessage('say', {reply: Said})
  @Use(rateLimit({points: 40, duration: 10_000}))
  say(@Body() {text}: Say): Said {
    const said: Said = {type: 'said', from: this.me, text: text.trim(), at: Date.now()}
    this.history.add(this.room, said)
    this.candy.ws.to(this.room).send(said)
    return said
  }

  /** Said again while it lasts; whoever hears it lets it expire, so nobody types for ever. */
  @OnMessage('typing')
  @Use(rateLimit({points: 40, duration: 10_000}))
  typing() {
    this.others.send({type: 'typing', person: this.me}, {volatile: true})
  }

  @OnClose()
  closed() {
    if (this.presence.leave(this.room, this.me)) this.others.send({type: 'left', person: this.me})
  }

  private get others() {
    return this.candy.ws.to(this.room).except(this.candy.ws.id)
  }
}
