import {setTimeout as delay} from 'node:timers/promises'
import {serve} from './serving.js'
import {verify} from './verify.js'

/** Candy first, then whom it is compared with, then the rest, unless only the compared are wanted. */
export function peersOf(suite, onlyCompared) {
  const compared = suite.goals.flatMap(({against}) => against ?? [])
  return [...new Set(['candy', ...compared, ...(onlyCompared ? [] : suite.peers)])]
}

/** A server that was asked, and answered rightly. */
async function verified(suite, name) {
  const server = await serve(name, suite.work, suite.transport)
  try {
    const time = new AbortController()
    await Promise.race([
      verify(server),
      delay(10_000, undefined, time).then(() => Promise.reject(new Error('no answer for 10 seconds'))),
    ]).finally(() => time.abort())
    return server
  } catch (error) {
    await server.stop()
    throw new Error(`a wrong answer, and it is not measured: ${error.message}`, {cause: error})
  }
}

/** Measured in a process of its own each time: memory, which does not come back. */
async function startFresh(suite, name) {
  await (await verified(suite, name)).stop()
  const measure = async time => {
    const server = await serve(name, suite.work, suite.transport)
    try {
      return await suite.measure(server, time)
    } finally {
      await server.stop()
    }
  }
  return {name, measure, stop: () => undefined}
}

async function start(suite, name) {
  if (suite.start) return suite.start(name)
  if (suite.fresh) return startFresh(suite, name)
  const server = await verified(suite, name)
  return {
    name,
    server,
    measure: (time, prepared) => suite.measure(server, time, prepared),
    stop: () => server.stop(),
  }
}

/**
 * Measures a suite in paired rounds: A B C, C B A, and so on, so that who comes after whom changes, and a busy moment
 * of the machine hits neighbours alike.
 *
 * @returns `{figures, faults, prepared}`; figures of each round by the peer's name. A peer with a fault has no figures
 */
export async function measure(suite, {names, rounds, seconds}) {
  const running = []
  const figures = {}
  const faults = {}
  const attempt = async (name, step) => {
    if (faults[name] !== undefined) return
    try {
      await step()
    } catch (error) {
      faults[name] = error.message.trim()
      delete figures[name]
    }
  }
  try {
    for (const name of names)
      await attempt(name, async () => {
        running.push(await start(suite, name))
        figures[name] = []
      })
    const servers = Object.fromEntries(running.map(({name, server}) => [name, server]))
    const prepared = await suite.prepare?.(servers, seconds)
    for (let round = 0; round < rounds; round += 1)
      for (const {name, measure} of round % 2 ? running.toReversed() : running)
        await attempt(name, async () => {
          // The first time a server is loaded, its code is still being compiled.
          const found = await measure({warm: round === 0 ? (suite.warm ?? 1) : 0.3, seconds}, prepared)
          figures[name].push(found)
        })
    return {figures, faults, prepared}
  } finally {
    await Promise.all(running.map(one => one.stop()))
  }
}
