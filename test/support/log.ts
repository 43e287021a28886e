import type {Logger} from 'candy-ws'

export interface Line {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly [field: string]: unknown
}

/** What an app says of its own life, whatever its clients do. */
const ofItsLife: ReadonlySet<unknown> = new Set(['limits', 'drain.begin', 'drain.end'])

/** A logger that keeps its lines, every level of them; those of the app's start and end only if asked to. */
export function memoryLogger({ofLife = false} = {}): Logger & {readonly lines: Line[]; errors(): Line[]} {
  const lines: Line[] = []
  const at = (level: Line['level']) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    if (ofLife || !ofItsLife.has(fields['event'])) lines.push({...fields, level, message})
  }
  return {
    lines,
    errors: () => lines.filter(line => line.level === 'error'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  }
}
