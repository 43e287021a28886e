import {readFileSync} from 'node:fs'
import {bootCodes} from '#candy/errors.js'
import {appWideLimits, defaultLimits} from '#candy/limits.js'
import {limitEvents} from '#candy/telemetry/limit-events.js'
import {closeCodes, errorCodes} from 'candy-ws'
import {expect, it} from 'vitest'

const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')
const chapter = (title: string) => page.split(`\n## ${title}\n`)[1]!.split('\n## ')[0]!
const headings = (text: string) => [...text.matchAll(/^### (\w+)$/gm)].map(match => match[1])

it('documents every boot error, and none that is gone', () => {
  expect(headings(chapter('Boot errors')).toSorted()).toEqual(Object.keys(bootCodes).toSorted())
})

it('documents every error frame, and none that is gone', () => {
  expect(headings(chapter('Error frames')).toSorted()).toEqual(Object.keys(errorCodes).toSorted())
})

it('documents every close code in the words of the code', () => {
  const rows = Object.values(closeCodes).map(({code, reason, when, policy}) =>
    `| ${code} | ${reason.replace('retry=<ms>', '`$&`')} | ${when} | ${policy} |`.replaceAll('|  |', '| |'),
  )
  const documented = chapter('Close codes')
    .split('\n')
    .filter(line => /^\| \d/.test(line))
  expect(documented.toSorted()).toEqual(rows.toSorted())
})

it('documents every limit with its default, its log event and its scope', () => {
  const production = readFileSync(new URL('../docs/guide/production.md', import.meta.url), 'utf8')
  const rows = [...production.matchAll(/^\| `(\w+)` \| ([^|]*) \| ([^|]*) \| (?:`([\w.]+)` )?\|$/gm)].map(
    ([, name, value, wire, event]) => ({name, value, event, isOfApp: wire!.startsWith('*app*')}),
  )
  const events: Readonly<Record<string, {readonly event: string} | undefined>> = limitEvents
  const limits = Object.entries(defaultLimits).map(([name, value]) => ({
    name,
    value: inWords(name, value as number),
    event: events[name]?.event,
    isOfApp: (appWideLimits as readonly string[]).includes(name),
  }))
  const byName = (a: {name?: string}, b: {name?: string}) => a.name!.localeCompare(b.name!)
  expect(rows.toSorted(byName)).toEqual(limits.toSorted(byName))
})

const bytes = /Payload|Bytes|byteRate|maxBuffered$|ProtocolHeader|HeaderSize|Body/
const times = /Timeout|Deadline|Interval|Lifetime|Every|Ttl|Skew|drainSpread/

function inWords(name: string, value: number): string {
  if (times.test(name)) {
    const units = [
      ['h', 3_600_000],
      ['min', 60_000],
      ['s', 1_000],
    ] as const
    const [unit, length] = units.find(([, length]) => value >= length)!
    return `${value / length} ${unit}`
  }
  if (!bytes.test(name)) return value.toLocaleString('en')
  return value >= 1_048_576 ? `${value / 1_048_576} MiB` : `${value / 1_024} KiB`
}
