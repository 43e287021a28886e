import {readFileSync, writeFileSync} from 'node:fs'
import type {Host} from './hosts/host.js'

/** What was seen of a host. */
export interface Cells {
  fast: string
  slow: string
  own: string
  unknown: string
  alone: string
}

const columns: Readonly<Record<keyof Cells, string>> = {
  fast: 'Candy, `auth` at once',
  slow: 'Candy, slow `auth`',
  own: "the host's own",
  unknown: 'an unknown path',
  alone: 'an unknown path without Candy',
}

/** The table of the guide, filled by the tests. */
export class Matrix {
  readonly #rows = new Map<string, Cells>()

  /** The cells of a host, which the tests of it fill. */
  row({name}: Host): Cells {
    const cells = {fast: 'fails', slow: 'fails', own: 'fails', unknown: 'fails', alone: 'fails'}
    this.#rows.set(name, cells)
    return cells
  }

  toString(): string {
    const names = Object.keys(columns) as (keyof Cells)[]
    const head = ['host', ...names.map(name => columns[name])]
    const rows = [...this.#rows].map(([host, cells]) => [host].concat(names.map(name => cells[name])))
    return [head, head.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |\n`).join('')
  }
}

const page = new URL('../docs/guide/attaching.md', import.meta.url)
const marked = /(<!-- matrix: [^\n]*-->\n)([\s\S]*?)(<!-- end of matrix -->)/

/** The table as the guide has it. */
export function readTable(): string {
  return marked.exec(readFileSync(page, 'utf8'))?.[2] ?? 'no table'
}

export function writeTable(table: string): void {
  writeFileSync(
    page,
    readFileSync(page, 'utf8').replace(marked, (_, begin, __, end) => `${begin}${table}${end}`),
  )
}
