import type {PageData} from '../describe/description.js'
import {explainClose, type Ending} from './close-words.js'
import {make, prose, type Child} from './element.js'
import type {SocketState} from './socket.js'

const words: Readonly<Record<SocketState, string>> = {
  closed: 'Not connected',
  connecting: 'Connecting',
  open: 'Open',
  closing: 'Closing',
}

/** How a connection is, and why it is no more. */
export class ConnectionNote {
  readonly #state = make('span', {class: 'state', 'data-state': 'closed'}, words.closed)
  readonly #where = make('span', {class: 'where'})
  readonly #why = make('div', {class: 'why', hidden: true})
  readonly element = make(
    'div',
    {class: 'connection', role: 'status'},
    make('p', {class: 'connection-line'}, this.#state, this.#where),
    this.#why,
  )

  state(state: SocketState): void {
    this.#state.dataset.state = state
    this.#state.textContent = words[state]
    if (state === 'closed') this.#where.textContent = ''
    if (state === 'connecting') this.#say()
  }

  opened(url: string, protocol: string): void {
    this.#where.textContent = protocol === '' ? url : `${url} · ${protocol}`
  }

  /** @param hints what besides could be the reason */
  ended(ending: Ending, closeCodes: PageData['closeCodes'], hints: readonly string[]): void {
    const {title, why, advice} = explainClose(ending, closeCodes)
    const text = [why, advice, ...hints].filter(sentence => sentence !== '').join(' ')
    this.#say(make('strong', {}, `${title}.`), ' ', ...prose(text))
    this.#why.toggleAttribute('data-calm', ending.byUs || ending.code === 1000)
  }

  failed(why: string): void {
    this.#say(make('strong', {}, why))
    this.#why.removeAttribute('data-calm')
  }

  #say(...children: Child[]): void {
    this.#why.hidden = children.length === 0
    this.#why.replaceChildren(make('p', {}, ...children))
  }
}
