import type {ClusterClient} from './cluster-client.js'

/** The numbers under one name in what has come, in order. */
export function numbersOf(client: ClusterClient, name: string): number[] {
  return client.messages.flatMap(message => numberIn(message, name))
}

/** The same in runs, with a gap between one and the next. */
export function runsOf(client: ClusterClient, name: string): number[][] {
  const runs: number[][] = [[]]
  for (const frame of client.frames) {
    if ((frame as {type?: unknown} | null)?.type === 'candy.gap') runs.push([])
    else runs.at(-1)!.push(...numberIn(frame, name))
  }
  return runs
}

function numberIn(message: unknown, name: string): number[] {
  const value = (message as Record<string, unknown> | null)?.[name]
  return typeof value === 'number' ? [value] : []
}
