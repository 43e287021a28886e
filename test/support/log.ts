import type {Logger} from 'candy-ws'

export interface Line {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly [field: string]: unknown
}

/** A logger that keeps its lines, every level of them. */
export function memoryLogger(): Logger & {readonly lines: Line[]; errors(): Line[]} {
  const lines: Line[] = []
  const at = (level: Line['level']) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    lines.push({...fields, level, message})
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
