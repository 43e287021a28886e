import {button, cross, make, unseen, verbatim} from './element.js'
import {clock, sizeOf, sizeWords, type Frame} from './frame.js'
import {hexDump, pretty} from './pretty.js'

const titles = {in: 'Received', out: 'Sent', note: 'Connection'} as const

/** One frame, whole. */
export class FrameDetail {
  readonly #title = make('h3')
  readonly #facts = make('span', {class: 'soft facts'})
  readonly #body = verbatim('The frame')
  readonly #told = make('span', {class: 'soft', role: 'status'})
  readonly element: HTMLElement
  #frame: Frame | undefined

  /** @param closed called when it is put away */
  constructor(closed: () => void) {
    this.element = make(
      'section',
      {class: 'frame-detail', hidden: true, 'aria-label': 'Chosen frame'},
      make(
        'header',
        {},
        this.#title,
        this.#facts,
        this.#told,
        button('Copy', () => void this.#copy(), {class: 'small'}),
        cross('Put the frame away', closed),
      ),
      this.#body,
    )
    this.element.addEventListener('keydown', event => {
      if (event.key === 'Escape') closed()
    })
  }

  show(frame: Frame | undefined): void {
    if (frame === this.#frame) return
    this.#frame = frame
    this.element.hidden = frame === undefined
    this.#told.textContent = ''
    if (!frame) return this.#body.replaceChildren()
    this.#title.textContent = titles[frame.way]
    const form = typeof frame.data === 'string' ? 'text' : 'binary'
    const facts = [clock(frame.at), ...(frame.way === 'note' ? [] : [form, sizeWords(sizeOf(frame))])]
    this.#facts.replaceChildren(facts.join(' · '), unseen('.'))
    this.#body.replaceChildren(
      ...(typeof frame.data === 'string' ? pretty(frame.data) : [hexDump(frame.data)]),
    )
    this.#body.scrollTop = 0
  }

  async #copy(): Promise<void> {
    const text = this.#body.textContent
    try {
      await navigator.clipboard.writeText(text)
      this.#told.textContent = 'Copied'
    } catch {
      // Without a secure context, or leave to write: whoever asked presses the keys.
      getSelection()?.selectAllChildren(this.#body)
      this.#told.textContent = 'Press Ctrl+C'
    }
  }
}
