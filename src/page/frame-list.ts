import {freshId, make} from './element.js'
import {clock, lineOf, sizeOf, sizeWords, type Frame} from './frame.js'

/** Rows above and below what can be seen, so that scrolling shows no gap. */
const beyond = 8
const signs = {in: '↓', out: '↑', note: '·'} as const
const spoken = {in: 'received', out: 'sent', note: 'connection'} as const

/** Frames as rows, of which only those in sight are in the page: ten thousand scroll as ten do. */
export class FrameList {
  readonly element: HTMLElement
  readonly #rows = make('div', {class: 'frame-rows', role: 'presentation'})
  readonly #space = make('div', {class: 'frame-space', role: 'presentation'}, this.#rows)
  readonly #made = new Map<number, HTMLElement>()
  readonly #prefix = freshId()
  readonly #chosen: (frame: Frame | undefined) => void
  #frames: readonly Frame[] = []
  #chosenId: number | undefined
  #follows = true

  /** @param chosen told the frame that is chosen, or that none is any more */
  constructor(chosen: (frame: Frame | undefined) => void) {
    this.#chosen = chosen
    this.element = make(
      'div',
      {class: 'frame-list', role: 'listbox', tabindex: 0, 'aria-label': 'Frames', hidden: true},
      this.#space,
    )
    this.element.addEventListener('scroll', () => this.#scrolled())
    this.element.addEventListener('keydown', event => this.#pressed(event))
    this.element.addEventListener('click', event => {
      const row = (event.target as Element).closest<HTMLElement>('[data-frame]')
      if (row) this.choose(this.#frames.find(({id}) => id === Number(row.dataset.frame)))
    })
    new ResizeObserver(() => this.#draw()).observe(this.element)
  }

  /** Whether the newest frame is kept in sight. */
  get follows(): boolean {
    return this.#follows
  }

  follow(): void {
    this.#follows = true
    this.#draw()
  }

  /** @param gone how many at the beginning of what was shown are no longer there */
  show(frames: readonly Frame[], gone: number): void {
    this.#frames = frames
    this.element.hidden = frames.length === 0
    if (gone > 0 && !this.#follows) this.element.scrollTop -= gone * this.#height
    this.#draw()
  }

  choose(frame: Frame | undefined): void {
    this.#chosenId = frame?.id
    // What shows it takes room from the list.
    this.#chosen(frame)
    if (frame) this.#reveal(this.#frames.indexOf(frame))
    this.#draw()
  }

  get #height(): number {
    // Nothing is high while the page shows another route.
    return this.#rows.firstElementChild?.getBoundingClientRect().height || 28
  }

  #draw(): void {
    if (this.element.hidden) {
      this.#made.clear()
      return this.#rows.replaceChildren()
    }
    // The first row says how high a row is.
    if (!this.#rows.firstElementChild) this.#rows.append(this.#row(this.#frames[0]!, 0))
    const height = this.#height
    this.#space.style.height = `${this.#frames.length * height}px`
    if (this.#follows) this.element.scrollTop = this.element.scrollHeight
    const {scrollTop, clientHeight} = this.element
    const first = Math.max(0, Math.floor(scrollTop / height) - beyond)
    const visible = this.#frames.slice(first, first + Math.ceil(clientHeight / height) + 2 * beyond)
    this.#rows.style.transform = `translateY(${first * height}px)`
    const rows = visible.map((frame, n) => this.#row(frame, first + n))
    for (const id of this.#made.keys()) if (!visible.some(frame => frame.id === id)) this.#made.delete(id)
    this.#put(rows)
    const isThere = this.#chosenId !== undefined && this.#made.has(this.#chosenId)
    if (isThere) this.element.setAttribute('aria-activedescendant', `${this.#prefix}-${this.#chosenId!}`)
    else this.element.removeAttribute('aria-activedescendant')
  }

  /** Rows that stay are left alone: moved, they would lose what is selected in them. */
  #put(rows: readonly HTMLElement[]): void {
    const wanted = new Set<Element>(rows)
    for (const row of this.#rows.querySelectorAll('.frame')) if (!wanted.has(row)) row.remove()
    rows.forEach((row, n) => {
      if (this.#rows.children[n] !== row) this.#rows.insertBefore(row, this.#rows.children[n] ?? null)
    })
  }

  #row(frame: Frame, place: number): HTMLElement {
    const row = this.#made.get(frame.id) ?? makeRow(frame, `${this.#prefix}-${frame.id}`)
    this.#made.set(frame.id, row)
    row.setAttribute('aria-posinset', String(place + 1))
    row.setAttribute('aria-setsize', String(this.#frames.length))
    row.setAttribute('aria-selected', String(frame.id === this.#chosenId))
    return row
  }

  #scrolled(): void {
    const {scrollTop, clientHeight, scrollHeight} = this.element
    this.#follows = scrollTop + clientHeight >= scrollHeight - 4
    this.#draw()
  }

  #pressed(event: KeyboardEvent): void {
    const last = this.#frames.length - 1
    const at = this.#frames.findIndex(({id}) => id === this.#chosenId)
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.#height) - 1)
    const target = {
      ArrowDown: at < 0 ? last : at + 1,
      ArrowUp: at < 0 ? last : at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: last,
    }[event.key]
    if (event.key === 'Escape') return this.choose(undefined)
    if (target === undefined) return
    event.preventDefault()
    const place = Math.min(last, Math.max(0, target))
    this.choose(this.#frames[place])
  }

  #reveal(place: number): void {
    const [top, height] = [place * this.#height, this.#height]
    const {scrollTop, clientHeight} = this.element
    this.#follows = place === this.#frames.length - 1
    if (top < scrollTop) this.element.scrollTop = top
    else if (top + height > scrollTop + clientHeight) this.element.scrollTop = top + height - clientHeight
  }
}

function makeRow(frame: Frame, id: string): HTMLElement {
  const {type, rest, tone} = lineOf(frame)
  return make(
    'div',
    {class: 'frame', role: 'option', id, 'data-frame': frame.id, 'data-way': frame.way, 'data-tone': tone},
    make('span', {class: 'frame-time'}, clock(frame.at)),
    make('span', {class: 'frame-way', 'aria-hidden': 'true'}, signs[frame.way]),
    make('span', {class: 'unseen'}, spoken[frame.way]),
    make('span', {class: 'frame-text'}, type !== '' && make('b', {}, type), type !== '' && ' ', rest),
    frame.way !== 'note' && make('span', {class: 'frame-size'}, sizeWords(sizeOf(frame))),
  )
}
