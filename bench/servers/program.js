/** What a server program is started with: the work it is to do, and where; `tcp` or `unix:/path.sock`. */
export const [work, place] = process.argv.slice(2)

/** Where to listen, as node's `server.listen()` takes it. */
export const address = place.startsWith('unix:')
  ? {path: place.slice('unix:'.length)}
  : {port: 0, host: '127.0.0.1'}

/**
 * Says on one line that it serves, tells its memory at each SIGUSR2, and ends with whoever holds its stdin.
 *
 * @param port undefined if it listens on a path
 * @param collect collects all garbage
 * @param heard how many messages have come over the bus, of a program that has one
 */
export function serving(port, collect = globalThis.gc, heard = () => undefined) {
  const say = line => process.stdout.write(`${JSON.stringify(line)}\n`)
  process.on('SIGUSR2', () => {
    collect()
    collect()
    const {rss, heapUsed} = process.memoryUsage()
    void Promise.resolve(heard()).then(count => say({rss, heapUsed, heard: count}))
  })
  process.stdin.on('end', () => process.exit()).resume()
  say(address.path === undefined ? {port} : {unix: address.path})
}

/** Listens with a node server. */
export function listen(server, heard) {
  server.listen(address, () => serving(server.address().port, undefined, heard))
}
