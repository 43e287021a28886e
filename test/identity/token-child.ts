/** Run with `--expose-gc`: an app, and what of tokens its heap still holds while connections are open. */
import {createApp} from 'candy-ws'
import {createHash} from 'node:crypto'
import {text} from 'node:stream/consumers'
import {getHeapSnapshot} from 'node:v8'

const silent = () => undefined
const app = await createApp({logger: {debug: silent, info: silent, warn: silent, error: silent}})
app.Route.ws('/open', ({ws}) => {
  ws.send('in')
  ws.on('message', silent)
})
const {port} = await app.listen({port: 0})
process.send!({port})

const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')

/** Of all that looks like a token, as the heap must not come to hold one by being asked for it. */
async function hashesInHeap(length: number): Promise<Set<string>> {
  globalThis.gc!()
  const {strings} = JSON.parse(await text(getHeapSnapshot())) as {strings: string[]}
  const found = strings.flatMap(one => one.match(/[\w-]{40,}/g) ?? [])
  const ends = found.flatMap(one => Array.from({length: one.length}, (_, at) => one.slice(at, at + length)))
  return new Set(ends.filter(one => one.length === length).map(hashOf))
}

/** What is kept on purpose: it must be found. */
let kept: string | undefined
async function look({keep, hash}: {keep: string; hash: string}): Promise<void> {
  kept = keep
  const hashes = await hashesInHeap(keep.length)
  process.send!({holds: hashes.has(hash), holdsWhatIsKept: hashes.has(hashOf(kept))})
}
process.on('message', (asked: Parameters<typeof look>[0]) => void look(asked))
