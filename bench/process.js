import {fork} from 'node:child_process'
import {once} from 'node:events'

/** A server of `server.js` in a process of its own, which tells the CPU time it has used, in microseconds. */
export async function start(name) {
  const child = fork(new URL('server.js', import.meta.url), [name], {
    env: {
      ...process.env,
      NODE_ENV: 'production',
      CANDY_SECRET: 'a secret for the bench, of 32 characters or more',
    },
  })
  const [{url}] = await once(child, 'message')
  const cpu = async () => {
    child.send('cpu')
    return (await once(child, 'message'))[0].cpu
  }
  return {name, url, cpu, stop: () => child.kill()}
}

/**
 * Runs rounds against all servers in turn; the order turns too, so that no server always runs after the same one.
 *
 * @returns the costs of each round, by the server's name
 */
export async function inTurn(names, rounds, round) {
  const running = await Promise.all(names.map(start))
  const costs = new Map(names.map(name => [name, []]))
  try {
    for (let n = -2; n < rounds; n += 1)
      for (let step = 0; step < running.length; step += 1) {
        const server = running[(step + n + running.length) % running.length]
        const cost = await round(server)
        if (n >= 0) costs.get(server.name).push(cost)
      }
  } finally {
    for (const server of running) server.stop()
  }
  return costs
}
