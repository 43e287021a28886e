import {Candy, type Socket, type SocketEvents, type SocketOptions} from 'candy-ws/client'
import {onTestFinished, vi} from 'vitest'
import {WebSocket} from 'ws'
import type {Hand} from './hand.js'

/**
 * A socket of the client, at a server in the test's hand; closed when the test is over. It has no token, and comes back at once
 * if it was open before; `chanceIs(0)`: as often as it is refused.
 */
export function connectTo({url}: Pick<Hand, 'url'>, options: SocketOptions = {}): Socket {
  return closedAfter(Candy.ws(url, {WebSocket, token: false, reconnectDelay: 0, ...options}))
}

/** Whoever comes back by himself must be told that the test is over. */
export function closedAfter<S extends {close(): void}>(socket: S): S {
  onTestFinished(() => socket.close())
  return socket
}

/** What the next event of this name says. */
export function told<E extends keyof SocketEvents>(
  socket: Socket,
  event: E,
): Promise<Parameters<SocketEvents[E]>> {
  return new Promise(resolve => {
    const hear = (...args: unknown[]) => {
      socket.off(event, hear)
      resolve(args as Parameters<SocketEvents[E]>)
    }
    socket.on(event, hear)
  })
}

/** Waits for a state, unless it is this one already. */
export async function untilItIs(socket: Socket, state: Socket['state']): Promise<void> {
  while (socket.state !== state) await told(socket, 'state')
}

/** All that it tells, from now on, in order. */
export function storyOf(socket: Socket): unknown[][] {
  const story: unknown[][] = []
  for (const event of ['open', 'message', 'close', 'error', 'state', 'dropped', 'gap', 'presence'] as const)
    socket.on(event, (...args: unknown[]) => {
      story.push([event, ...args.filter(arg => arg !== undefined)])
    })
  return story
}

/** Retries come at once, or (`1`) as late as they may: it is no chance until the test is over. */
export function chanceIs(value: 0 | 1): void {
  const random = vi.spyOn(Math, 'random').mockReturnValue(value === 0 ? 0 : 1 - Number.EPSILON)
  onTestFinished(() => random.mockRestore())
}
