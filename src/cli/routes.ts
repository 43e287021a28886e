import {loadToRead} from './load.js'
import {byPathAndKind, printable} from '../describe/describe.js'

/** Prints the table, sorted by path and kind; as JSON for other programs. */
export async function routes(dir: string, json: boolean): Promise<number> {
  const app = await loadToRead(dir)
  const rows = app.routes().map(printable).toSorted(byPathAndKind)
  process.stdout.write(json ? `${JSON.stringify(rows, null, 2)}\n` : table(rows))
  return 0
}

type Row = ReturnType<typeof printable>

function table(rows: readonly Row[]): string {
  if (rows.length === 0) return 'no routes\n'
  const cells = [
    ['KIND', 'PATH', 'GUARDS', 'HANDLER', 'SOURCE'],
    ...rows.map(row => [row.kind, row.path, guards(row), row.handler, row.source]),
  ]
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map(line => line[column]!.length)))
  return cells
    .map(
      line =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

function guards({token, auth, use}: Row): string {
  return [...(auth ? ['auth'] : []), ...(token ? ['token'] : []), ...use].join(', ') || '-'
}
