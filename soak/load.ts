// The load of the bench, and its figures, with types: the bench is plain JavaScript.
// @ts-expect-error JavaScript, without types
import * as loads from '../bench/load/load.js'
// @ts-expect-error JavaScript, without types
import * as machine from '../bench/machine.js'
// @ts-expect-error JavaScript, without types
import * as stats from '../bench/stats.js'

export interface Loaded {
  readonly name: string
  readonly pid: number
  readonly address: {readonly port: number}
  readonly protocol: {readonly path: string}
}

export interface LoadOptions {
  readonly connections: number
  readonly rate?: number
  readonly message?: string
  readonly warm?: number
  readonly seconds?: number
}

/** Microseconds. */
export interface Waits {
  readonly messages: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export const {
  buildLoad,
  holding,
  load,
}: {
  buildLoad: () => void
  holding: <T>(server: Loaded, options: LoadOptions, during: () => Promise<T>) => Promise<T>
  load: (server: Loaded, mode: 'rate', options: LoadOptions) => Promise<Waits>
} = loads

export const {pinned}: {pinned: (core: number, command: readonly string[]) => readonly string[]} = machine

export const {
  median,
  table,
}: {median: (values: readonly number[]) => number; table: (rows: string[][]) => void} = stats
