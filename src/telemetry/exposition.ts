import {monitorEventLoopDelay} from 'node:perf_hooks'
import {setTimeout as delay} from 'node:timers/promises'
import type {Metric, Registry} from 'prom-client'
import {durationBounds, type Durations} from './durations.js'
import {metrics, type Measured} from './metrics.js'

/** What the metrics are about: of the process only this class knows. */
export type AppMeasured = Omit<Measured, 'loopDelay'>

/** Milliseconds from one look at the clock to the next. */
const resolution = 10

/** Of the process: its collectors are never taken away again, so there is one of them for all its apps. */
let ofProcess: Registry | undefined

/** Writes an app's metrics as Prometheus reads them (text format 0.0.4). */
export class Exposition {
  readonly contentType = 'text/plain; version=0.0.4; charset=utf-8'
  readonly #app: Measured
  readonly #delay = monitorEventLoopDelay({resolution})
  #registry: Promise<Registry> | undefined

  constructor(app: AppMeasured) {
    this.#app = {...app, loopDelay: () => this.#loopDelay()}
  }

  /** Begins to look at the event loop. */
  begin(): void {
    this.#delay.enable()
  }

  async write(): Promise<string> {
    this.#registry ??= registryOf(this.#app)
    const own = await this.#registry
    // Who asks while the loop is busy may have his turn before the clock is looked at, and a reset forgets what is not seen.
    await delay(resolution)
    return `${await own.metrics()}\n${await ofProcess!.metrics()}`
  }

  end(): void {
    this.#delay.disable()
  }

  #loopDelay(): ReturnType<Measured['loopDelay']> {
    const {mean, max} = this.#delay
    const p99 = this.#delay.percentile(99)
    this.#delay.reset()
    return {mean: late(mean), p99: late(p99), max: late(max)}
  }
}

/** Seconds by which a look came late. @param ns from the look before */
function late(ns: number): number {
  return Number.isFinite(ns) ? Math.max(0, ns / 1e9 - resolution / 1e3) : 0
}

/** Loads prom-client, which an app without metrics never does. */
async function registryOf(app: Measured): Promise<Registry> {
  const {default: prom} = await import('prom-client')
  if (!ofProcess) {
    ofProcess = new prom.Registry()
    prom.collectDefaultMetrics({register: ofProcess})
  }
  const registry = new prom.Registry()
  for (const {kind, name, help, read} of metrics)
    registry.registerMetric(written(name, help, kind, () => [...read(app)]))
  const handled = () =>
    [...app.routes()].map(({path, traffic}) => ({labels: {route: path}, durations: traffic.handled}))
  registry.registerMetric(histogram('candy_handler_seconds', 'Seconds that a message was handled.', handled))
  const judged = () => [{labels: {}, durations: app.judged}]
  registry.registerMetric(
    histogram('candy_upgrade_seconds', 'Seconds from a handshake to its verdict.', judged),
  )
  return registry
}

interface Series {
  readonly labels: Readonly<Record<string, string>>
  readonly durations: Durations | undefined
}

function histogram(name: string, help: string, read: () => readonly Series[]): Metric {
  const valuesOf = ({labels, durations}: Series) => {
    if (!durations) return []
    const counts = durations.cumulative
    return [
      ...counts.map((value, at) => ({
        labels: {le: at < durationBounds.length ? String(durationBounds[at]) : '+Inf', ...labels},
        value,
        metricName: `${name}_bucket`,
      })),
      {labels, value: durations.sum, metricName: `${name}_sum`},
      {labels, value: counts.at(-1)!, metricName: `${name}_count`},
    ]
  }
  return written(name, help, 'histogram', () => read().flatMap(valuesOf))
}

/** Not of prom-client's own classes, whose numbers can only be added one by one: Candy counts for itself, and is read. */
function written(name: string, help: string, type: string, values: () => readonly object[]): Metric {
  const get = async () => ({name, help, type, aggregator: 'sum', values: values()})
  // All that a registry asks of a metric is its name and get().
  return {name, help, get} as unknown as Metric
}
