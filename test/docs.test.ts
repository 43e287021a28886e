import {readFileSync} from 'node:fs'
import {bootCodes} from '#candy/errors.js'
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
    `| ${code} | ${reason} | ${when} | ${policy} |`.replaceAll('|  |', '| |'),
  )
  const documented = chapter('Close codes')
    .split('\n')
    .filter(line => /^\| \d/.test(line))
  expect(documented.toSorted()).toEqual(rows.toSorted())
})
