import {headersFor} from './refuse.js'

/** Whether a request is for `/_candy/ready`, which is answered to the end. */
export function asksWhetherReady(url: string): boolean {
  return /^\/_candy\/ready(?:\?|$)/.test(url)
}

/** `degraded`: clients are served, and those on other nodes are not reached. */
export type Readiness = 'ready' | 'degraded' | 'closing'

export function readiness(isClosing: boolean, bus: {readonly isUp: boolean} | undefined): Readiness {
  if (isClosing) return 'closing'
  return bus && !bus.isUp ? 'degraded' : 'ready'
}

/**
 * What `/_candy/ready` says to a load balancer: 200 while handshakes are taken, 503 from the moment on the app closes. It says
 * 200 without its bus, too: taking every node out of service would help nobody.
 */
export function readyResponse(now: Readiness): Response {
  const status = now === 'closing' ? 503 : 200
  return new Response(now, {
    status,
    headers: {
      'Content-Type': 'text/plain; charset=utf-8',
      'Cache-Control': 'no-store',
      ...headersFor(status),
    },
  })
}
