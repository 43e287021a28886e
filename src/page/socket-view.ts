import type {DescribedRoute, PageData} from '../describe/description.js'
import {AddressBar} from './address-bar.js'
import {ConnectionNote} from './connection-note.js'
import {make, replace} from './element.js'
import {FramePanel} from './frame-panel.js'
import {loginNote} from './login-note.js'
import {MessagesPanel} from './messages-panel.js'
import {guardsPart, routeHead} from './route-head.js'
import type {RouteView, RouteViewOptions} from './route-view.js'
import {Socket, type SocketState} from './socket.js'

/** A WebSocket route: what it takes and sends, and a connection to try it on. */
export class SocketView implements RouteView {
  readonly element = make('article', {class: 'route route-ws'})
  readonly #options: RouteViewOptions
  readonly #top = make('div', {class: 'route-top'})
  readonly #facts = make('div', {class: 'facts-part'})
  readonly #frames = new FramePanel()
  readonly #note = new ConnectionNote()
  readonly #connect = make('button', {class: 'primary connect'}, 'Connect')
  readonly #address: AddressBar
  readonly #socket: Socket
  readonly #messages: MessagesPanel
  #data: PageData | undefined

  constructor(options: RouteViewOptions) {
    this.#options = options
    this.#address = new AddressBar({
      route: options.route,
      actions: [this.#connect],
      submitted: () => this.#toggle(),
    })
    this.#socket = this.#makeSocket()
    this.#messages = new MessagesPanel(
      options.readOnly ? undefined : (data, answered) => this.#socket.send(data, answered),
    )
    const reading = make('div', {class: 'reading'}, this.#facts, this.#messages.element)
    const console = make('div', {class: 'bench'}, reading, !options.readOnly && this.#frames.element)
    const line = make('div', {class: 'console-line'}, this.#address.element, this.#note.element)
    this.element.append(this.#top, ...(options.readOnly ? [] : [line]), console)
  }

  get isLive(): boolean {
    return this.#socket.state === 'open'
  }

  update(route: DescribedRoute, data: PageData): void {
    this.#data = data
    const login = this.#options.readOnly ? undefined : loginNote(route, data)
    replace(this.#top, routeHead(route), login)
    replace(this.#facts, guardsPart(route))
    this.#messages.update(route, data)
  }

  #makeSocket(): Socket {
    return new Socket({
      state: state => this.#became(state),
      opened: (url, protocol) => {
        this.#note.opened(url, protocol)
        this.#frames.add('note', `open${protocol === '' ? '' : `, ${protocol}`}`)
        // A functional route has said by now what it takes.
        this.#options.refresh()
      },
      heard: data => this.#frames.add('in', data),
      sent: data => this.#frames.add('out', data),
      ended: ending => {
        const hints = this.#address.missing.map(name => `The parameter \`${name}\` is empty.`)
        this.#note.ended(ending, this.#data?.closeCodes ?? [], ending.opened ? [] : hints)
        this.#frames.add('note', ending.opened ? `closed, ${ending.code} ${ending.reason}`.trim() : 'refused')
      },
      failed: why => this.#note.failed(why),
    })
  }

  #toggle(): void {
    if (this.#socket.state === 'closed') this.#socket.connect(this.#address.url, this.#address.withToken)
    else this.#socket.disconnect()
  }

  #became(state: SocketState): void {
    this.#note.state(state)
    const isClosed = state === 'closed'
    this.#connect.textContent = isClosed ? 'Connect' : state === 'connecting' ? 'Cancel' : 'Disconnect'
    this.#connect.classList.toggle('primary', isClosed)
    this.#options.changed()
  }
}
