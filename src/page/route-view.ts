import type {DescribedRoute, PageData} from '../describe/description.js'

/** What the page shows of one route; it stays, with what has been typed and heard, while other routes are looked at. */
export interface RouteView {
  readonly element: HTMLElement
  /** Whether a connection of it is open. */
  readonly isLive: boolean
  update(route: DescribedRoute, data: PageData): void
}

export interface RouteViewOptions {
  readonly route: DescribedRoute
  readonly readOnly: boolean
  /** Asks the server again what the app is. */
  readonly refresh: () => void
  /** Told when `isLive` has changed. */
  readonly changed: () => void
}
