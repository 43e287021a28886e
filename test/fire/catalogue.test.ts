import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'

/**
 * What a server on the open internet has to live through, by its number. The title of a test that shows one begins with
 * `row 20:`, or `rows 34, 36:`, wherever it stands; so does that of a `describe` whose tests do so together.
 */
const rows: Readonly<Record<number, string>> = {
  3: 'a throw, a rejection, in every place where code of the app runs',
  6: '500 frames before, during and after a slow authentication',
  9: 'origins that are nearly the right one',
  10: 'which subprotocol a browser is given, and the close code it can read',
  20: 'frames that break RFC 6455',
  21: 'random bytes after the handshake',
  22: 'random messages against random classes',
  23: 'messages that are too deep, too wide, too empty',
  24: '`__proto__` and its kin, everywhere a name can stand',
  25: 'unknown fields, nested classes that nobody judges',
  26: 'a token in a log line',
  27: 'the words of an error at the client',
  28: 'malformed targets',
  29: 'a peer whose line is dead',
  30: 'a peer that reads slowly, and lives',
  31: 'a peer that has gone while nobody reads',
  32: 'a thousand refused handshakes whose clients stay',
  33: 'a server that ends, with slow handlers and stopped peers',
  34: 'messages beyond the largest',
  35: 'fragments without end',
  36: 'a compressed bomb, and compression nobody agreed to',
  37: 'a flood of pings',
  38: 'a request that comes drop by drop',
  39: 'a client that says nothing after the handshake, or never ends what it says',
  40: 'an authentication that never answers',
  41: 'a handler that never settles',
  42: 'a handler that is slower than its input',
  43: 'too many connections of one address, of one user, of all',
  44: 'headers that are too long, or too many',
  45: 'the order of messages, answers and broadcasts',
  46: 'joins, leaves and ends amid a broadcast',
  47: 'close codes and reasons of any kind',
  48: 'messages that have no form on the wire',
  49: 'sending to who has gone',
  50: 'a session that ends, now or in a month',
  51: 'logging out and in on one browser',
  54: 'control characters in what is logged',
  55: 'a bus that hangs for 10 s',
  56: 'a client of a bus without an error listener, whose server dies',
  57: 'a bus that is away for long',
  58: 'hostile bytes on a bus, its own echo, another version',
  59: 'a node that is killed, with 50 users present',
  60: 'two nodes that are parted, and meet again',
  64: 'what a client does after each close code',
  66: 'a tab that is hidden, frozen, offline',
  67: 'what a client says while it is offline',
  68: 'disposables of a scope in which something throws',
  69: 'a hundred thousand disposables',
  70: 'a hundred thousand errors, refused tokens, joins',
  72: "somebody else's upgrade listener on the same server",
  73: 'requests that want an upgrade in the wrong way',
  74: 'listening and closing, twice, and amid a handshake',
  75: 'options that must not be',
  76: 'a regular expression that takes for ever',
}

const root = join(import.meta.dirname, '../..')

/** The tests below a folder. By hand: `recursive` follows links, and one in `.tmp` leads back to the root. */
function sourcesIn(folder: string): string[] {
  return readdirSync(folder, {withFileTypes: true}).flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return ['node_modules', '.tmp'].includes(entry.name) ? [] : sourcesIn(path)
    return entry.name.endsWith('.test.ts') ? [readFileSync(path, 'utf8')] : []
  })
}

/** The numbers at the beginning of titles. */
function rowsShown(sources: readonly string[]): Set<number> {
  const titles = sources.flatMap(source => [...source.matchAll(/\(\s*['"`]rows? (\d+(?:, \d+)*): /g)])
  return new Set(titles.flatMap(([, numbers]) => numbers!.split(', ').map(Number)))
}

it('finds numbers at the beginning of titles, and nowhere else', () => {
  const source = `
    it('row 1: one', () => {})
    it.each(table)('rows 2, 3: %s', async (_, one) => {})
    describe.for([1])("row 4: four", () => {})
    it('in row 5: five', () => {})
    // row 6: six
  `
  expect([...rowsShown([source])]).toEqual([1, 2, 3, 4])
})

it('every row of the catalogue has a test', () => {
  const shown = rowsShown([...sourcesIn(join(root, 'test')), ...sourcesIn(join(root, 'e2e'))])
  const missing = Object.entries(rows).filter(([row]) => !shown.has(Number(row)))
  expect(Object.fromEntries(missing)).toEqual({})
})
