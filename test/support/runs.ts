import type {ClusterClient, GapFrame} from './cluster-client.js'

/** The numbers under one name in what has come, in order. */
export function numbersOf(client: ClusterClient, name: string): number[] {
  return client.messages.flatMap(message => numberIn(message, name))
}

/** How often it was told of a gap in a room. */
export function gapsIn(client: ClusterClient, room: string): number {
  return client.gaps.filter(({rooms}) => rooms.includes(room)).length
}

/** The same numbers in runs, with a gap in the room between one and the next. */
export function runsOf(client: ClusterClient, name: string, room: string): number[][] {
  const runs: number[][] = [[]]
  for (const frame of client.frames) {
    const {type, rooms} = (frame ?? {}) as Partial<GapFrame>
    if (type === 'candy.gap' && rooms!.includes(room)) runs.push([])
    else runs.at(-1)!.push(...numberIn(frame, name))
  }
  return runs
}

function numberIn(message: unknown, name: string): number[] {
  const value = (message as Record<string, unknown> | null)?.[name]
  return typeof value === 'number' ? [value] : []
}
