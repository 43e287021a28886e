import {createApp, type App} from '../app.js'
import {holdLifeline} from '../boot/lifeline.js'
import {noRoutes} from '../boot/no-routes.js'
import {enterWorker} from '../cluster/workers.js'
import {BootError, faultText} from '../errors.js'
import {shareDevelopmentSecret} from '../identity/secret.js'
// What the app's files import of Candy is there before they are read.
import '../index.js'
import {describeError, type LogFields} from '../log.js'
import {orderOf, type Boot, type Failed, type Order, type Report} from './message.js'

// One of several processes that serve an app on one port: it boots when it is told, and ends when it is told.

process.setSourceMapsEnabled(true)
// They reach the workers too, from a terminal or a supervisor; when these end is the primary's to say.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined)
holdLifeline()
enterWorker()

let app: App | undefined

process.on('message', (message: unknown) => {
  const order = orderOf(message)
  if (order) void obey(order)
})
report({candy: 'workers', report: 'ready'})

async function obey(order: Order): Promise<void> {
  if (order.order === 'boot') return boot(order.boot)
  await (order.order === 'giveWay' ? app?.giveWay() : app?.close())
  // What has been printed must be out first.
  process.stdout.write('', () => process.exit())
}

async function boot({dir, port, host, secret, isSecretSaid}: Boot): Promise<void> {
  // It lives as long as the app does, as it would alone: but for the primary's answer when it listens.
  const channel = process.channel!
  channel.unref()
  shareDevelopmentSecret(secret, isSecretSaid)
  try {
    app = await createApp({dir})
  } catch (error) {
    return report(failedBy(error))
  }
  try {
    channel.ref()
    const {url} = await app.listen({port, host})
    channel.unref()
    const remarks = [...app.remarks, ...(app.routes().length === 0 ? [noRoutes(dir)] : [])]
    report({candy: 'workers', report: 'serving', url, remarks, drainTimeout: app.drainTimeout})
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    report({...failedBy(error), address: {code, message}})
  }
}

function failedBy(error: unknown): Failed {
  return {candy: 'workers', report: 'failed', fault: faultText(error), faults: faultsOf(error)}
}

function faultsOf(error: unknown): LogFields[] {
  if (!(error instanceof BootError)) return [describeError(error)]
  return error.problems.map(({code, place, message, remedy}) => ({code, place, problem: message, remedy}))
}

/** To a primary that is gone it goes nowhere: the lifeline ends this process. */
function report(report: Report): void {
  process.send!(report, undefined, undefined, () => undefined)
}
