import type {PageData} from '../describe/description.js'
import {make, prose, verbatim} from './element.js'
import {pretty} from './pretty.js'
import type {ErrorFrame} from './socket.js'

/** What became of a message, beside the form that sent it. */
export class Outcome {
  readonly element = make('div', {class: 'outcome', role: 'status'})

  clear(): void {
    this.#show('')
  }

  note(words: string): void {
    this.#show('note', make('p', {}, words))
  }

  reply(data: unknown, ms: number): void {
    const body = verbatim('The reply', ...pretty(JSON.stringify(data) ?? 'null'))
    this.#show('reply', make('p', {}, make('strong', {}, 'Reply'), ` after ${duration(ms)}`), body)
  }

  /** @param unplaced faults that no field of the form shows; `undefined` if none were told */
  error(
    error: ErrorFrame,
    ms: number,
    unplaced: readonly string[] | undefined,
    errorCodes: PageData['errorCodes'],
  ): void {
    // Faults at their fields say more than what their code means in general.
    const meaning = unplaced?.length === 0 ? undefined : errorCodes[error.code]
    const details =
      error.details === undefined || Array.isArray(error.details)
        ? undefined
        : verbatim('Details', ...pretty(JSON.stringify(error.details)))
    const parts = [
      make('p', {}, make('strong', {}, error.code), ` after ${duration(ms)}. `, error.message),
      unplaced && unplaced.length > 0 && make('ul', {}, ...unplaced.map(words => make('li', {}, words))),
      meaning !== undefined && make('p', {class: 'soft'}, ...prose(`Sent when ${meaning}.`)),
      details,
    ]
    this.#show('error', ...parts.filter(part => part instanceof Node))
  }

  #show(tone: string, ...children: Node[]): void {
    this.element.dataset.tone = tone
    this.element.replaceChildren(...children)
  }
}

/** `3.2 ms`, `1.24 s` */
export function duration(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
}
