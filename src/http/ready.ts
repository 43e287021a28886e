import {headersFor} from './refuse.js'

/** Whether a request is for `/_candy/ready`, which is answered to the end. */
export function asksWhetherReady(url: string): boolean {
  return /^\/_candy\/ready(?:\?|$)/.test(url)
}

/** What `/_candy/ready` says to a load balancer: 200 while handshakes are taken, 503 from the moment on the app closes. */
export function readyResponse(isClosing: boolean): Response {
  const status = isClosing ? 503 : 200
  return new Response(isClosing ? 'closing' : 'ready', {
    status,
    headers: {
      'Content-Type': 'text/plain; charset=utf-8',
      'Cache-Control': 'no-store',
      ...headersFor(status),
    },
  })
}
