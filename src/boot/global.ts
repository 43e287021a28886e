import type {CandyRoot, CandyRoute} from '../candy.js'

/** Every app of the process that is not closed. */
const open = new Set<CandyRoot>()
let loading: CandyRoot | undefined
let turn: Promise<unknown> = Promise.resolve()

/**
 * The global `Candy` of route files. While an app's files load it is that app; afterwards the process's only app.
 * It is one object for good, so a file may keep it; which app it means is decided at each use.
 */
const facade: CandyRoot = Object.freeze(
  Object.defineProperties({} as CandyRoot, {
    Route: {get: (): CandyRoute => current().Route, enumerable: true},
    presence: {value: (room: string) => current().presence(room), enumerable: true},
    ...Object.fromEntries(
      ['ws', 'Request', 'Auth', 'token', 'signal'].map(name => [name, {get: refuse(name)}]),
    ),
  }),
)

/** What belongs to one connection or request is no business of the app's. */
function refuse(name: string): () => never {
  return () => {
    throw new Error(
      `Candy.${name} belongs to a connection or request, and the global Candy is the app: take it from the handler's parameter, Candy => { ... }`,
    )
  }
}

function current(): CandyRoot {
  if (loading) return loading
  if (open.size === 1) return [...open][0]!
  throw new Error(
    open.size === 0
      ? 'The global Candy has no app: createApp() makes one'
      : `The global Candy could mean any of ${open.size} apps: export default a function, which receives its own: module.exports = Candy => { ... }`,
  )
}

/** From now until it closes, the app counts for the global. */
export function enterGlobal(root: CandyRoot): void {
  open.add(root)
  if (!Object.hasOwn(globalThis, 'Candy')) {
    Object.defineProperty(globalThis, 'Candy', {value: facade, configurable: true, writable: true})
  }
}

export function leaveGlobal(root: CandyRoot): void {
  open.delete(root)
  if (open.size === 0 && (globalThis as {Candy?: unknown}).Candy === facade)
    delete (globalThis as {Candy?: unknown}).Candy
}

/** Runs a load during which the global is this app; loads of several apps take turns. */
export function whileLoading<T>(root: CandyRoot, load: () => Promise<T>): Promise<T> {
  const result = turn.then(async () => {
    loading = root
    try {
      return await load()
    } finally {
      loading = undefined
    }
  })
  turn = result.catch(() => undefined)
  return result
}
