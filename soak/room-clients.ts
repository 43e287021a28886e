// The clients of the soak, all in one process: each has a place, and whoever goes is followed by another.
import {setTimeout as delay} from 'node:timers/promises'
import {answer, tell} from './program.js'
import {RoomClient, type Kind} from './room-client.js'
import {heavy, rooms} from './streams.js'

interface Place {
  readonly number: number
  readonly kind: Kind
  readonly room: string
  /** Its user has a session, and is revoked by that. */
  readonly hasSession: boolean
  client: RoomClient | undefined
}

const places: Place[] = []
let url = ''
let connections = 0
let going = false
let over = false
let churned = 0

/** One in a hundred reads slowly; of those, two in five not at all. Who reads as it should has rooms, or the heavy one. */
function placeOf(number: number, count: number): Place {
  const slow = Math.max(2, Math.round(count / 100))
  const stopped = Math.max(1, Math.floor(slow * 0.4))
  const kind = number < stopped ? 'stopped' : number < slow ? 'slow' : 'steady'
  const room = number < slow + 2 ? heavy : rooms[number % rooms.length]!
  return {number, kind, room, hasSession: number % 10 === 9, client: undefined}
}

async function headersOf({number, hasSession}: Place): Promise<Record<string, string>> {
  const authorization = `user-${number}`
  if (!hasSession) return {authorization}
  // Closed: a socket that is kept for a next request would count as one that is left behind.
  const response = await fetch(`${url}/_candy/token`, {headers: {connection: 'close'}})
  await response.arrayBuffer()
  const [cookie] = response.headers.getSetCookie()
  return {authorization, cookie: cookie!.split(';')[0]!}
}

async function fill(place: Place): Promise<void> {
  if (over) return
  const headers = await headersOf(place)
  connections += 1
  place.client = new RoomClient({
    connection: connections,
    kind: place.kind,
    room: place.room,
    url,
    headers,
    welcomed: () => waiting?.(),
    gone: account => {
      tell(account ?? 'refused')
      void (account ? fill(place) : delay(1_000).then(() => fill(place)))
    },
  })
}

let waiting: (() => void) | undefined

/** Everybody is in. Rejects after half a minute. */
async function allIn(): Promise<void> {
  const late = setTimeout(() => waiting?.(), 30_000)
  const begun = performance.now()
  while (places.some(({client}) => client?.isIn !== true)) {
    if (performance.now() - begun > 30_000)
      throw new Error(`${places.filter(({client}) => !client?.isIn).length} are not in after 30 s`)
    await new Promise<void>(resolve => (waiting = resolve))
  }
  waiting = undefined
  clearTimeout(late)
}

/** One in four resets, one terminates, two say goodbye. */
function churn(): void {
  if (!going) return
  const steady = places.filter(({kind, client}) => kind === 'steady' && client?.isIn)
  const client = steady[Math.floor(Math.random() * steady.length)]?.client
  churned += 1
  if (churned % 4 === 0) client?.reset()
  else if (churned % 4 === 1) client?.terminate()
  else client?.leave()
}

let turn = 0

/** Each says something once a second, in fifty steps; who reads slowly reads one step in three. */
function step(): void {
  if (over) return
  turn += 1
  for (const {number, kind, client} of places) {
    if (number % 50 === turn % 50) client?.say()
    if (kind !== 'slow' || !client?.isIn) continue
    if (turn % 15 === 0) client.resume()
    else if (turn % 15 === 5) client.pause()
  }
}

const timers: NodeJS.Timeout[] = []

answer({
  start: async (options: {url: string; clients: number; churn: number}) => {
    url = options.url
    for (let number = 0; number < options.clients; number += 1) {
      const place = placeOf(number, options.clients)
      places.push(place)
      void fill(place)
      // Below the default of 500 handshakes per second.
      if (number % 20 === 19) await delay(100)
    }
    await allIn()
    timers.push(setInterval(step, 20), setInterval(churn, 1_000 / options.churn))
    going = true
  },
  /** Nobody goes until `go`, and everybody is in: readings are taken in the same state. */
  hold: () => {
    going = false
    return allIn()
  },
  go: () => void (going = true),
  /** A connection whose end is to be the server's doing. */
  victim: (withSession: boolean) => {
    const able = places.filter(
      ({kind, hasSession, client}) => kind === 'steady' && hasSession === withSession && client?.isIn,
    )
    return able[Math.floor(Math.random() * able.length)]?.client?.connection
  },
  /** The server has ended a connection. */
  ended: (connection: number) => {
    for (const {kind, client} of places)
      if (kind === 'stopped' && client?.connection === connection) client.cut()
  },
  finish: async () => {
    over = true
    going = false
    for (const timer of timers) clearInterval(timer)
    const goodbyes = places.map(async ({kind, client}) => {
      if (kind === 'stopped') client?.terminate()
      else await client?.finish()
    })
    await Promise.race([Promise.all(goodbyes), delay(30_000, undefined, {ref: false})])
    return places.flatMap(({client}) => (client?.isGone === false ? client.connection : []))
  },
})
