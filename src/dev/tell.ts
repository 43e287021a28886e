/** More files are counted: after a `git switch` nobody reads them. */
const namedAtMost = 3

/** @param since on the clock of `performance.now()` */
export function tellReload(files: readonly string[], since: number): void {
  const seconds = ((performance.now() - since) / 1_000).toFixed(2)
  const [named, more] = [files.slice(0, namedAtMost), files.length - namedAtMost]
  say(`reloaded in ${seconds} s: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`)
}

export function tellFault(fault: string, isServed: boolean): void {
  say(fault)
  say(isServed ? 'the version before is still served' : 'nothing is served until this is mended')
}

/** @returns what it says, for the page */
export function tellCrash(how: string): string {
  const fault = `the app ended by itself, with ${how}; the next save starts it again`
  say(fault)
  return fault
}

/** A change that is not seen looks like a fault of Candy's. */
export function tellUnwatched(error: unknown): void {
  const {code, message} = error as NodeJS.ErrnoException
  const limit = code === 'ENOSPC' || code === 'EMFILE'
  const remedy = limit ? '; this system watches no more files: raise fs.inotify.max_user_watches' : ''
  say(`some changes may go unseen: ${message}${remedy}`)
}

export function tellTurnedAway(error: Error): void {
  say(`a connection could not be taken: ${error.message}`)
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
