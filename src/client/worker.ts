import {Hub} from './hub.js'
import {findLocks, hasLocks, hold} from './locks.js'
import {newTab} from './refs.js'
import {version, type Join, type ToHub, type ToTab} from './tab-messages.js'

// The shared worker: the shared connections of all tabs of this origin, each in a hub.

/** A tab's end of a line, as a MessagePort is. */
interface Port {
  postMessage(message: ToTab): void
  addEventListener(type: 'message', listener: (event: {data: ToHub}) => void): void
  start(): void
}

interface House {
  readonly hub: Hub
  readonly ports: Map<string, Port>
}

const houses = new Map<string, House>()
/** Held as long as the worker lives. */
let lock: string | undefined
/** A tab that waited for a lock which is not held yet would take the worker for gone. */
const ready = findLocks().then(async () => {
  if (!hasLocks()) return
  lock = `${version} worker ${newTab()}`
  await hold(lock, new AbortController().signal)
})

const scope = globalThis as unknown as {
  addEventListener(type: 'connect', listener: (event: {ports: [Port]}) => void): void
}
scope.addEventListener('connect', ({ports: [port]}) => {
  let joined: Join | undefined
  const hear = async (message: ToHub) => {
    await ready
    if (message.is === 'join') houseOf((joined = message)).ports.set(message.tab, port)
    if (joined) houses.get(joined.key)?.hub.hear(joined.tab, message)
  }
  port.addEventListener('message', ({data}) => void hear(data))
  port.start()
})

function houseOf(join: Join): House {
  const {key} = join
  const found = houses.get(key)
  if (found) return found
  const ports: House['ports'] = new Map()
  const hub = new Hub(join, {
    lock,
    post: (tab, message) => ports.get(tab)?.postMessage(message),
    postAll: message => ports.forEach(port => port.postMessage(message)),
    left: tab => {
      ports.delete(tab)
      if (hub.isEmpty) houses.delete(key)
    },
  })
  const house = {hub, ports}
  houses.set(key, house)
  return house
}
