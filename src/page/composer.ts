import type {PageData} from '../describe/description.js'
import type {Spot} from './control.js'
import {make} from './element.js'
import {parsed} from './frame.js'
import {Outcome} from './outcome.js'
import type {Answer, ErrorFrame} from './socket.js'
import type {Writing} from './writing.js'

/** Sends, and tells what answers. @returns whether it was sent: nothing is while there is no connection */
export type Send = (data: string | Uint8Array<ArrayBuffer>, answered: (answer: Answer) => void) => boolean

export interface ComposerOptions {
  readonly writing: Writing
  readonly send: Send
  readonly errorCodes: PageData['errorCodes']
}

/** A message as it is written, the button that sends it, and what became of it. */
export class Composer {
  readonly element: HTMLFormElement
  readonly #options: ComposerOptions
  readonly #refusal = new Outcome()
  readonly #outcome = new Outcome()
  #faulty: Spot[] = []

  constructor(options: ComposerOptions) {
    this.#options = options
    const {writing} = options
    this.element = make(
      'form',
      {novalidate: true, class: 'composer', autocomplete: 'off'},
      this.#refusal.element,
      writing.element,
      make(
        'div',
        {class: 'composer-foot'},
        make('button', {class: 'primary'}, 'Send'),
        writing.beside,
        make('kbd', {class: 'soft', 'aria-hidden': 'true'}, 'Ctrl Enter'),
      ),
      this.#outcome.element,
    )
    this.element.addEventListener('submit', event => {
      event.preventDefault()
      this.#send()
    })
    this.element.addEventListener('keydown', event => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return
      event.preventDefault()
      this.#send()
    })
  }

  #send(): void {
    for (const spot of this.#faulty.splice(0)) spot.fault([])
    this.#refusal.clear()
    try {
      const data = this.#options.writing.data()
      const asks = typeof data === 'string' && parsed(data)?.ref !== undefined
      const sent = this.#options.send(data, answer => this.#answered(answer))
      this.#outcome.note(!sent ? 'Not sent: connect first.' : asks ? 'Sent. Waiting for the reply.' : 'Sent.')
    } catch (error) {
      this.#outcome.note((error as Error).message)
    }
  }

  #answered(answer: Answer): void {
    this.#outcome.clear()
    if (answer.is === 'closed') return this.#outcome.note('The connection closed before a reply came.')
    if (answer.is === 'reply') return this.#outcome.reply(answer.data, answer.ms)
    const unplaced = this.#place(answer.error)
    this.#refusal.error(answer.error, answer.ms, unplaced, this.#options.errorCodes)
    this.#faulty[0]?.focus()
  }

  /** Shows each fault at its field. @returns those that have none; `undefined` if no faults were told */
  #place({details}: ErrorFrame): string[] | undefined {
    if (!Array.isArray(details)) return undefined
    const placed = new Map<Spot, string[]>()
    const unplaced: string[] = []
    for (const {path = '', message = ''} of details as {path?: string; message?: string}[]) {
      const spot = this.#options.writing.find(path.split('.'))
      if (spot) placed.set(spot, [...(placed.get(spot) ?? []), message])
      else unplaced.push(path === '' ? message : `${path}: ${message}`)
    }
    for (const [spot, messages] of placed) spot.fault(messages)
    this.#faulty = [...placed.keys()].toSorted(inOrder)
    return unplaced
  }
}

/** As they stand in the page. */
function inOrder(a: Spot, b: Spot): number {
  return a.element.compareDocumentPosition(b.element) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1
}
