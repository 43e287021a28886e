// The bench is plain JavaScript; here its pure parts have types, for the tests.
// @ts-expect-error JavaScript, without types
import * as floors from '../../bench/floors.js'
// @ts-expect-error JavaScript, without types
import * as goals from '../../bench/goals.js'
// @ts-expect-error JavaScript, without types
import * as pictures from '../../bench/picture.js'
// @ts-expect-error JavaScript, without types
import * as profiles from '../../bench/profile.js'
// @ts-expect-error JavaScript, without types
import * as report from '../../bench/report.js'
// @ts-expect-error JavaScript, without types
import * as result from '../../bench/result.js'
// @ts-expect-error JavaScript, without types
import * as stats from '../../bench/stats.js'

export interface Goal {
  readonly against?: string
  readonly atLeast?: number
  readonly atMost?: number
  readonly aim: number
  readonly title?: string
}

export interface Judged extends Goal {
  readonly measured: boolean
  readonly value?: number
  readonly reached: boolean
  readonly aimReached: boolean
}

export interface Suite<F> {
  readonly name: string
  readonly title: string
  readonly unit: string
  readonly guarded?: boolean
  readonly goals: readonly Goal[]
  cost(figures: F): number
}

export interface Result {
  readonly name: string
  readonly title: string
  readonly unit: string
  readonly guarded: boolean
  readonly peers: Readonly<Record<string, {readonly costs: number[]}>>
  readonly faults: Readonly<Record<string, string>>
  readonly goals: readonly Judged[]
  readonly profile?: readonly Share[]
}

export interface Share {
  readonly name: string
  readonly share: number
}

export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: {readonly functionName: string; readonly url: string}
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

export interface Run {
  readonly date: string
  readonly machine: Readonly<
    Record<'processor' | 'memory' | 'system' | 'node' | 'pinning' | 'others', string>
  >
  readonly versions: Readonly<Record<string, string>>
  readonly limits: readonly string[]
  readonly rounds: number
  readonly seconds: number
  readonly results: readonly Result[]
}

export interface Floor {
  readonly suite: string
  readonly against: string
  readonly ratio?: number
  readonly floor: number
}

interface Measured<F> {
  readonly figures: Readonly<Record<string, readonly F[]>>
  readonly faults: Readonly<Record<string, string>>
}

export const {
  floorsOf,
  fallenBelow,
}: {
  floorsOf: (results: readonly Result[]) => Floor[]
  fallenBelow: (floors: readonly Floor[], results: readonly Result[]) => Floor[]
} = floors
export const {judge}: {judge: (goal: Goal, costs: Readonly<Record<string, number[]>>) => Judged} = goals
export const {picture}: {picture: (run: Run) => string} = pictures
export const {busiest}: {busiest: (profile: CpuProfile) => Share[]} = profiles
export const {
  markdown,
  peerRows,
}: {
  markdown: (run: Run) => string
  peerRows: (result: Result) => string[][]
} = report
export const {resultOf}: {resultOf: <F>(suite: Suite<F>, measured: Measured<F>) => Result} = result
export const {
  figure,
  median,
  medianInterval,
  perRound,
  range,
  spread,
}: {
  figure: (value: number) => string
  median: (values: readonly number[]) => number
  medianInterval: (values: readonly number[]) => [number, number]
  perRound: (values: readonly number[], base: readonly number[]) => number[]
  range: (values: readonly number[]) => string
  spread: (values: readonly number[], digits?: number) => string
} = stats
