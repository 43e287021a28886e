import {button, make, unseen} from './element.js'
import {FrameDetail} from './frame-detail.js'
import {FrameList} from './frame-list.js'
import {FrameLog, type FrameFilter} from './frame-log.js'
import type {Frame} from './frame.js'
import {counted} from './schema-words.js'

const mostKept = 10_000

/** What went over a connection, both ways, as it comes. */
export class FramePanel {
  readonly #log = new FrameLog({frames: mostKept})
  readonly #detail = new FrameDetail(() => this.#putAway())
  readonly #list = new FrameList(frame => this.#detail.show(frame))
  readonly #count = make('span', {class: 'count'})
  readonly #none = make('p', {class: 'soft none'}, 'Nothing has been sent or heard yet.')
  readonly #dropped = make('p', {class: 'soft dropped', hidden: true})
  readonly #newest = button('Newest ↓', () => this.#follow(), {class: 'newest', hidden: true})
  readonly #pause = button('Pause', () => this.#setPaused(!this.#paused), {
    class: 'small',
    'aria-pressed': 'false',
  })
  readonly #text = make('input', {type: 'search', placeholder: 'Filter', spellcheck: 'false'})
  readonly #way = make(
    'select',
    {},
    ...Object.entries({all: 'All', in: 'Received', out: 'Sent', note: 'Connection'}).map(([value, words]) =>
      make('option', {value}, words),
    ),
  )
  readonly element: HTMLElement
  #waiting: Frame[] = []
  #id = 0
  #clearedId = 0
  #paused = false
  #isDue = false

  constructor() {
    const filter = () => this.#filter()
    this.#text.addEventListener('input', filter)
    this.#way.addEventListener('change', filter)
    this.#list.element.addEventListener('scroll', () => this.#tellNewest())
    this.element = make(
      'section',
      {class: 'frames', 'aria-label': 'Frames'},
      make(
        'header',
        {class: 'panel-head'},
        make('h2', {}, 'Frames'),
        this.#count,
        this.#pause,
        button('Clear', () => this.#clear(), {class: 'small'}),
      ),
      make(
        'div',
        {class: 'frame-filter'},
        make('label', {class: 'grow'}, unseen('Filter frames'), this.#text),
        make('label', {}, unseen('Which frames'), this.#way),
      ),
      this.#dropped,
      make('div', {class: 'frame-view'}, this.#list.element, this.#none, this.#newest),
      this.#detail.element,
    )
  }

  add(way: Frame['way'], data: string | Uint8Array): void {
    this.#waiting.push({id: ++this.#id, at: Date.now(), way, data})
    // A page that nobody sees draws nothing, and one that pauses neither: what waits is bounded as well.
    if (this.#waiting.length >= 2 * mostKept) this.#waiting = this.#waiting.slice(-mostKept)
    this.#soon()
  }

  #soon(): void {
    if (this.#isDue) return
    this.#isDue = true
    requestAnimationFrame(() => {
      this.#isDue = false
      if (!this.#paused) this.#draw(this.#take())
      this.#tellCount()
    })
  }

  /** @returns how many of those that were shown are gone */
  #take(): number {
    const frames = this.#waiting
    this.#waiting = []
    return this.#log.append(frames)
  }

  #draw(gone = 0): void {
    this.#list.show(this.#log.shown, gone)
    this.#none.hidden = this.#log.shown.length > 0
    this.#none.textContent =
      this.#log.count > 0 ? 'No frame passes the filter.' : 'Nothing has been sent or heard yet.'
    const dropped = this.#id - this.#clearedId - this.#log.count - this.#waiting.length
    this.#dropped.hidden = dropped === 0
    this.#dropped.textContent = `${counted(dropped, 'older frame')} dropped. The last ${this.#log.count.toLocaleString('en')} are kept.`
    this.#tellCount()
    this.#tellNewest()
  }

  #tellCount(): void {
    const [shown, all] = [this.#log.shown.length, this.#log.count].map(count => count.toLocaleString('en'))
    const count = shown === all ? all! : `${shown!} of ${all!}`
    const waiting = this.#waiting.length
    this.#count.textContent =
      this.#paused && waiting > 0 ? `${count} + ${waiting.toLocaleString('en')} waiting` : count
  }

  #tellNewest(): void {
    this.#newest.hidden = this.#list.follows || this.#log.shown.length === 0
  }

  #filter(): void {
    const way = this.#way.value as FrameFilter['way']
    this.#log.filter({way, text: this.#text.value.toLowerCase()})
    this.#draw()
  }

  #clear(): void {
    this.#waiting = []
    this.#clearedId = this.#id
    this.#log.clear()
    this.#list.choose(undefined)
    this.#draw()
  }

  #setPaused(paused: boolean): void {
    this.#paused = paused
    this.#pause.setAttribute('aria-pressed', String(paused))
    this.#pause.textContent = paused ? 'Resume' : 'Pause'
    this.#draw(paused ? 0 : this.#take())
  }

  #follow(): void {
    this.#list.follow()
    this.#tellNewest()
    this.#list.element.focus()
  }

  #putAway(): void {
    this.#list.choose(undefined)
    this.#list.element.focus()
  }
}
