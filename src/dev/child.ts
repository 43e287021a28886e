import type {Socket} from 'node:net'
import {createApp, type App} from '../app.js'
import {holdLifeline} from '../boot/lifeline.js'
import {noRoutes} from '../boot/no-routes.js'
import {readyTypeScript} from '../boot/typescript.js'
import {faultText} from '../errors.js'
// What the app's files import of Candy is there before they are read.
import '../index.js'
import {drainMs, type Order, type Report} from './message.js'

// The process of one version of the app: it readies itself, waits to be told, boots, and serves what it is given.

process.setSourceMapsEnabled(true)
// Ctrl-C in a terminal reaches this process too; when it ends is the supervisor's to say.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined)
holdLifeline()

const dir = process.argv[2]!
const ready = readyTypeScript(dir)
// Told when it boots.
ready.catch(() => undefined)
let app: App | undefined

process.on('message', (order: Order, socket?: Socket) => void obey(order, socket))

async function obey(order: Order, socket: Socket | undefined): Promise<void> {
  if (order.candy === 'boot') return boot()
  if (order.candy === 'standIn') return standIn(order.fault)
  if (order.candy === 'close') return close()
  if (order.candy === 'fault' && app) app.fault = order.fault
  if (order.candy === 'socket' && socket) app?.accept(socket)
}

async function boot(): Promise<void> {
  try {
    await ready
    app = await createApp({dir})
    app.start()
    const isEmpty = app.routes().length === 0
    report({candy: 'booted', remarks: [...app.remarks, ...(isEmpty ? [noRoutes(dir)] : [])]})
  } catch (error) {
    report({candy: 'failed', fault: faultText(error)})
  }
}

async function standIn(fault: string): Promise<void> {
  try {
    // Its sessions are the app's: the development secret is looked for from here.
    process.chdir(dir)
    app = await createApp({})
    app.fault = fault
    app.start()
    report({candy: 'booted', remarks: []})
  } catch (error) {
    report({candy: 'failed', fault: faultText(error)})
  }
}

async function close(): Promise<void> {
  await app?.giveWay(drainMs)
  process.exit()
}

function report(report: Report): void {
  process.send!(report)
}
