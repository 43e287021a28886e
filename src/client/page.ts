import type {Channel} from './channel.js'

/** What is used of a page. */
interface Page {
  readonly document?: {readonly visibilityState: string} & Pick<EventTarget, 'addEventListener'>
  readonly addEventListener?: EventTarget['addEventListener']
}

/**
 * Tells a channel what the page knows: that the network went or came, that somebody looks again, that the page is put away and
 * taken out again. Outside a page, nothing.
 *
 * @returns ends it
 */
export function watchPage(channel: Pick<Channel, 'nudge' | 'suspend' | 'open'>): () => void {
  const {document, addEventListener} = globalThis as Page
  const ended = new AbortController()
  const {signal} = ended
  if (!document || !addEventListener) return () => undefined
  let isAway = false
  const away = () => {
    if (!isAway) channel.suspend()
    isAway = true
  }
  onAway(away, signal)
  const back = () => {
    if (isAway) channel.open()
    isAway = false
  }
  addEventListener('pageshow', back, {signal})
  document.addEventListener('resume', back, {signal})
  addEventListener('offline', () => channel.nudge('doubt'), {signal})
  addEventListener('online', () => channel.nudge('wake'), {signal})
  const looked = () => document.visibilityState === 'visible' && channel.nudge('wake')
  document.addEventListener('visibilitychange', looked, {signal})
  return () => ended.abort()
}

/**
 * Runs when the page is put away: left, maybe to be come back to (the back-forward cache), or frozen, as hidden tabs are. A
 * connection would keep it from being kept, and go on hearing for nobody.
 */
export function onAway(run: () => void, signal: AbortSignal): void {
  const {document, addEventListener} = globalThis as Page
  addEventListener?.('pagehide', run, {signal})
  document?.addEventListener('freeze', run, {signal})
}
