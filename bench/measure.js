import {serve} from './serving.js'

/** Candy first, then whom it is compared with, then the rest, unless only the compared are wanted. */
export function peersOf(suite, onlyCompared) {
  const compared = suite.goals.flatMap(({against}) => against ?? [])
  return [...new Set(['candy', 'ws', ...compared, ...(onlyCompared ? [] : suite.peers)])]
}

/**
 * Measures a suite in paired rounds: A B C, C B A, and so on, so that who comes after whom changes, and a busy moment
 * of the machine hits neighbours alike.
 *
 * @returns `{costs, shares, faults}`, each by the peer's name; a peer with a fault is in no round
 */
export async function measure(suite, {names, rounds, seconds, say}) {
  const running = []
  const faults = {}
  const figures = {}
  try {
    for (const name of names) {
      try {
        const server = await serve(name, suite.work, suite.transport)
        running.push(server)
        figures[name] = []
      } catch (error) {
        faults[name] = error.message
      }
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const server of round % 2 ? running.toReversed() : running) {
        if (faults[server.name]) continue
        try {
          // The first time a server is loaded, its code is still being compiled.
          const found = await suite.measure(server, {warm: round === 0 ? 1.2 : 0.3, seconds})
          figures[server.name].push(found)
        } catch (error) {
          faults[server.name] = error.message
          delete figures[server.name]
        }
      }
      say(`round ${round + 1} of ${rounds}`)
    }
  } finally {
    await Promise.all(running.map(server => server.stop()))
  }
  return {figures, faults}
}
