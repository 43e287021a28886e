// The server of neighbours.ts: an echo for those who behave, a room that is told much, and a place to flood.
import {createApp} from 'candy-ws'
import {Outbox} from '#candy/connection/outbox.js'
import {answer, tell} from './program.js'

/** Bytes; the largest that was held for anybody since it was last asked. Held grows where something is sent, and only there. */
let mostHeld = 0
// oxlint-disable-next-line typescript/unbound-method -- called with its own `this` again
const {send} = Outbox.prototype
Outbox.prototype.send = function (this: Outbox, ...args) {
  const accepted = send.apply(this, args)
  mostHeld = Math.max(mostHeld, this.buffered)
  return accepted
}

// All clients come from one address. Of those who misbehave every other limit is the default.
const app = await createApp({limits: {maxPerIp: 'off'}, logger: silent()})
const {Route} = app
Route.ws('/echo', ({ws}) => void ws.on('message', text => ws.send(text)), {
  token: false,
  // On a machine that is held up, what was due meanwhile is sent at once: no flood, and not what is asked here.
  limits: {messageRate: 10_000},
})
Route.ws(
  '/room',
  ({ws}) => {
    ws.join('room')
    ws.on('close', code => tell({place: 'room', code}))
  },
  {token: false},
)
Route.ws(
  '/flood',
  ({ws}) => {
    const begun = performance.now()
    let handled = 0
    ws.on('message', () => (handled += 1))
    ws.on('close', code => tell({place: 'flood', code, handled, lived: performance.now() - begun}))
  },
  {token: false},
)

/** One line for each peer that misbehaves is right; here there are hundreds. */
function silent() {
  const ignore = () => undefined
  return {debug: ignore, info: ignore, warn: ignore, error: ignore}
}

const every = 10

/** Tells the room so many bytes in so many milliseconds, evenly. */
function broadcast({bytes, ms, size}: {bytes: number; ms: number; size: number}): Promise<void> {
  const message = 'x'.repeat(size)
  const all = Math.ceil(bytes / size)
  const begun = performance.now()
  let told = 0
  return new Promise(resolve => {
    const timer = setInterval(() => {
      const due = Math.min(all, Math.ceil(((performance.now() - begun) / ms) * all))
      for (; told < due; told += 1) Route.wsServer.toRoom('room', message)
      if (told < all) return
      clearInterval(timer)
      resolve()
    }, every)
  })
}

answer({
  listen: async () => (await app.listen({port: 0})).port,
  broadcast,
  held: () => {
    const most = mostHeld
    mostHeld = 0
    return most
  },
})
