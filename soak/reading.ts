import type {WsServer} from 'candy-ws'

/** What a server holds. Sizes are bytes. */
export interface Reading {
  /** Of live objects, after a collection. */
  readonly heap: number
  /** Outside of the heap: what waits to be sent, mostly. */
  readonly external: number
  readonly rss: number
  /** What keeps the process busy, by kind, as node names it: sockets, timers, pipes. */
  readonly handles: Readonly<Record<string, number>>
  readonly connections: number
  readonly rooms: number
}

/** Reads this process. It needs `--expose-gc`. */
export function reading(server: WsServer): Reading {
  // What the first finds to be finalized, the second collects.
  globalThis.gc!()
  globalThis.gc!()
  const {heapUsed, external, rss} = process.memoryUsage()
  const handles: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1
  // Immediates are this turn's business, and gone with it.
  delete handles.Immediate
  const {roomCount} = server as WsServer & {readonly roomCount: number}
  return {heap: heapUsed, external, rss, handles, connections: server.clientCount, rooms: roomCount}
}

export function handleCount({handles}: Reading): number {
  return Object.values(handles).reduce((total, count) => total + count, 0)
}
