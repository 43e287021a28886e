import {make, verbatim} from './element.js'

/** Why the last change of the app's files is not what is served. */
export class FaultBanner {
  readonly #text = verbatim('The fault')
  readonly element = make('div', {class: 'fault-banner', role: 'alert'})
  #shown: string | null = null

  /** @param isServed whether a version before it is */
  show(fault: string | null, isServed: boolean): void {
    if (fault === this.#shown) return
    this.#shown = fault
    if (fault === null) return this.element.replaceChildren()
    this.#text.textContent = fault
    const words = isServed
      ? 'The last change could not be loaded. What is served, and shown here, is the version before it.'
      : 'The app could not be loaded.'
    this.element.replaceChildren(make('p', {}, words), this.#text)
  }
}
