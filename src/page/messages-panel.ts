import type {DescribedRoute, PageData, SentMessage, TakenMessage} from '../describe/description.js'
import type {Send} from './composer.js'
import {freshId, make} from './element.js'
import {focusIn} from './focus.js'
import {
  anyCard,
  identityOf,
  isUntouched,
  sentCard,
  takenCard,
  type CardOptions,
  type MessageCard,
} from './message-card.js'

const unknown =
  'A function says what it takes when somebody connects: its messages are known from its first connection on.'

/** What a WebSocket route takes and sends. */
export class MessagesPanel {
  readonly element = make('div', {class: 'messages'})
  readonly #send: Send | undefined
  readonly #group = freshId()
  #cards: readonly MessageCard[] = []
  #shows = ''

  /** @param send without it nothing can be tried */
  constructor(send: Send | undefined) {
    this.#send = send
  }

  /** What has been typed stays, in cards whose message is still there. */
  update({messages}: DescribedRoute, data: PageData): void {
    const shows = JSON.stringify([messages, data.schemas])
    if (shows === this.#shows) return
    this.#shows = shows
    const options = {data, send: this.#send, group: this.#group}
    const takes = (messages?.takes ?? []).map(message => this.#card(message, options, takenCard))
    const sends = (messages?.sends ?? []).map(message => this.#card(message, options, sentCard))
    const any = this.#cards.find(({key}) => key === 'raw') ?? (this.#send && anyCard(options))
    const all = any ? [...takes, any] : takes
    // What there is to fill in shows itself: one is open from the beginning, and a type once there is one.
    const opened = all.find(({element}) => element.open)
    if (this.#send && all[0] && (!opened || isUntouched(opened))) all[0].element.open = true
    this.#cards = [...all, ...sends]
    this.#arrange(messages === null, all, sends)
  }

  #card<M extends TakenMessage | SentMessage>(
    message: M,
    options: CardOptions,
    makeCard: (message: M, options: CardOptions) => MessageCard,
  ): MessageCard {
    const {key, madeOf} = identityOf(message, options)
    const old = this.#cards.find(card => card.key === key)
    if (old?.madeOf === madeOf) return old
    const card = makeCard(message, options)
    if (!old) return card
    card.element.open = old.element.open
    if (old.writing) card.writing?.restore(old.writing.draft())
    return card
  }

  #arrange(isUnknown: boolean, takes: readonly MessageCard[], sends: readonly MessageCard[]): void {
    const focus = focusIn(this.element)
    const elements = (cards: readonly MessageCard[]) => cards.map(({element}) => element)
    this.element.replaceChildren(
      make('h2', {}, 'Takes'),
      ...(isUnknown ? [make('p', {class: 'soft'}, unknown)] : []),
      ...elements(takes),
      ...(takes.length > 0 || isUnknown ? [] : [make('p', {class: 'soft'}, 'Nothing that is declared.')]),
      ...(sends.length > 0 ? [make('h2', {}, 'Sends'), ...elements(sends)] : []),
    )
    focus?.restore()
  }
}
