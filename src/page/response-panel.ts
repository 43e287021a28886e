import type {Called} from './call.js'
import {make, verbatim} from './element.js'
import {sizeWords} from './frame.js'
import {duration} from './outcome.js'
import {hexDump, pretty} from './pretty.js'

/** What an HTTP route answered. */
export class ResponsePanel {
  readonly #status = make(
    'div',
    {role: 'status', class: 'response-status'},
    make('p', {class: 'soft'}, 'Nothing has been asked yet.'),
  )
  readonly #body = make('div', {class: 'response-body'})
  readonly element = make(
    'section',
    {class: 'response', 'aria-label': 'Response'},
    make('header', {class: 'panel-head'}, make('h2', {}, 'Response')),
    this.#status,
    this.#body,
  )

  waiting(): void {
    this.#show(make('p', {class: 'soft'}, 'Asking.'))
  }

  failed(words: string): void {
    this.#show(make('p', {class: 'status-line', 'data-tone': 'error'}, words))
  }

  show({status, statusText, headers, redirectedTo, body, ms}: Called): void {
    const size = typeof body === 'string' ? new TextEncoder().encode(body).length : body.length
    const line = make(
      'p',
      {class: 'status-line', 'data-tone': status < 400 ? 'reply' : 'error'},
      make('strong', {}, `${status} ${statusText}`.trim()),
      make('span', {class: 'soft'}, `${duration(ms)} · ${sizeWords(size)}`),
    )
    const from = redirectedTo === undefined ? [] : [['redirected to', redirectedTo] as const]
    const table = make(
      'dl',
      {class: 'headers'},
      ...[...from, ...headers].flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]),
    )
    const text = typeof body === 'string' ? pretty(body) : [hexDump(body.subarray(0, 4096))]
    const whole = verbatim('Body of the response', ...text)
    this.#show(line, table.childElementCount > 0 && table, size > 0 && whole)
  }

  #show(status: HTMLElement, ...rest: (HTMLElement | false)[]): void {
    this.#status.replaceChildren(status)
    this.#body.replaceChildren(...rest.filter(part => part !== false))
  }
}
