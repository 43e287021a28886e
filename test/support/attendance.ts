import type {ClusterClient} from './cluster-client.js'

export interface Attendance {
  /** By key: connections, and `meta` where there is one. */
  readonly there: Readonly<Record<string, readonly unknown[]>>
  /** `+key`, `~key`, `-key`, in order; after a snapshot. */
  readonly log: readonly string[]
  /** Somebody came who was there, went who was not, or changed without being there. */
  readonly faults: readonly string[]
}

/** What a client knows of a room by the frames that it was sent. */
export function attendanceOf(client: ClusterClient, room: string): () => Attendance {
  return () => {
    const there: Record<string, readonly unknown[]> = {}
    const log: string[] = []
    const faults: string[] = []
    for (const frame of client.presence) {
      if (frame.room !== room) continue
      const {users, joined = [], updated = [], left = []} = frame
      if (users) for (const key of Object.keys(there)) delete there[key]
      for (const {key, connections, meta} of [...(users ?? []), ...joined, ...updated]) {
        if (joined.some(user => user.key === key) === Object.hasOwn(there, key) && !users)
          faults.push(`?${key}`)
        there[key] = meta === undefined ? [connections] : [connections, meta]
      }
      for (const key of left) {
        if (!Object.hasOwn(there, key)) faults.push(`-${key}`)
        delete there[key]
      }
      log.push(
        ...joined.map(({key}) => `+${key}`),
        ...updated.map(({key}) => `~${key}`),
        ...left.map(key => `-${key}`),
      )
    }
    return {there, log, faults}
  }
}
