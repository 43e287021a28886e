import type {Frame} from '../rooms/frame.js'
import type {Socket} from './socket.js'

/** Has `ws` frame each message by itself. @param sent called when the last has left, or never will */
export function sendEach(
  frames: readonly Frame[],
  socket: Pick<Socket, 'send'>,
  sent: (() => void) | undefined,
): void {
  for (const [index, {data, binary}] of frames.entries()) {
    const done = index + 1 === frames.length && sent ? sent : ignore
    socket.send(data, {binary, compress: false}, done)
  }
}

function ignore(): void {
  // `ws` tells a failed write here and by `close`; the second is enough.
}
