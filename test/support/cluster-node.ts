/** A node of the tests' app in a process of its own, which tells its URL and ends with its parent. */
import type {AppOptions} from 'candy-ws'
import {busBy, type BusChoice} from './buses.js'
import {clusterApp} from './cluster-app.js'

export interface NodeOptions extends Pick<AppOptions, 'presenceGrace' | 'metrics'> {
  readonly bus: BusChoice
}

const {bus, ...options} = JSON.parse(process.argv[2]!) as NodeOptions
const silent = () => undefined
const logger = {debug: silent, info: silent, warn: silent, error: silent}
const app = await clusterApp({logger, bus: await busBy(bus), ...options})
process.on('disconnect', () => process.exit())
process.on('message', () => void app.close({drain: 500}).then(() => process.disconnect()))
const {url} = await app.listen({port: 0})
process.send!({url})
