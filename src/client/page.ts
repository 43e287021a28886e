import type {Channel} from './channel.js'

/** What is used of a page. */
interface Page {
  readonly document?: {readonly visibilityState: string} & Pick<EventTarget, 'addEventListener'>
  readonly addEventListener?: EventTarget['addEventListener']
}

/** Runs when the page goes, be it to be shown again. */
export function onceHidden(run: () => void, until: AbortSignal): void {
  const {addEventListener} = globalThis as Page
  addEventListener?.('pagehide', run, {signal: until})
}

/**
 * Tells a channel what the page knows: that the network went or came, that somebody looks again, that the page goes. Outside a
 * page, nothing.
 *
 * @returns ends it
 */
export function watchPage(channel: Pick<Channel, 'nudge' | 'suspend' | 'resume'>): () => void {
  const {document, addEventListener} = globalThis as Page
  const ended = new AbortController()
  if (!document || !addEventListener) return () => undefined
  const listen = (type: string, fn: (event: Event) => void) =>
    addEventListener(type, fn, {signal: ended.signal})
  listen('offline', () => channel.nudge('doubt'))
  listen('online', () => channel.nudge('wake'))
  // It may be kept, to be shown again: a connection would be in the way, and go on hearing for nobody.
  listen('pagehide', () => channel.suspend())
  listen('pageshow', event => {
    if ((event as Event & {persisted: boolean}).persisted) channel.resume()
  })
  document.addEventListener(
    'visibilitychange',
    () => document.visibilityState === 'visible' && channel.nudge('wake'),
    {signal: ended.signal},
  )
  return () => ended.abort()
}
