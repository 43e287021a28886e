import {escaped, type LogFields, type LogLevel} from '../log.js'

/** How one event is written: a line, or more of them for an error with its stack. */
export type WriteLine = (level: LogLevel, fields: LogFields, message: string) => string

/** One line of JSON. It escapes control characters, so that no field forges a second line or speaks to a terminal. */
export const jsonLine: WriteLine = (level, fields, message) =>
  printable(JSON.stringify({time: new Date().toISOString(), level, message, ...fields}))

/** For people: time, level, message and fields; an error with its stack on indented lines below. */
export function textLine(hasColour: boolean): WriteLine {
  const paint = hasColour ? inColour : plain
  return (level, fields, message) => {
    const {error, stack, ...rest} = fields
    const hasStack = typeof error === 'string' && typeof stack === 'string'
    const shown = Object.entries(hasStack ? rest : fields).filter(([, value]) => value !== undefined)
    const words = [
      paint('faint', clock(new Date())),
      paint(level, level.padEnd(5)),
      printable(message),
      ...shown.map(([name, value]) => paint('faint', `${printable(name)}=${valueOf(value)}`)),
    ]
    const below = hasStack ? [...error.split('\n'), ...callsOf(stack)] : []
    return [words.join(' '), ...below.map(line => `    ${printable(line)}`)].join('\n')
  }
}

/** The stack without the error's own words, which stand before it. */
function callsOf(stack: string): string[] {
  const lines = stack.split('\n')
  const first = lines.findIndex(line => /^\s+at /.test(line))
  return first < 0 ? [] : lines.slice(first).map(line => `    ${line.trim()}`)
}

function valueOf(value: unknown): string {
  const text = typeof value === 'string' ? value : String(JSON.stringify(value))
  const isWord = typeof value !== 'string' || /^[^\s"'=\\]+$/.test(text)
  return printable(isWord ? text : JSON.stringify(text))
}

/** The terminal's own clock. */
function clock(now: Date): string {
  const [hours, minutes, seconds] = [now.getHours(), now.getMinutes(), now.getSeconds()]
  const time = [hours, minutes, seconds].map(part => String(part).padStart(2, '0')).join(':')
  return `${time}.${String(now.getMilliseconds()).padStart(3, '0')}`
}

/** JSON leaves DEL, the C1 controls (0x9b starts a terminal sequence) and the Unicode line ends as they are. */
function printable(text: string): string {
  return text.replace(
    // oxlint-disable-next-line no-control-regex -- they are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    escaped,
  )
}

/** SGR codes (ECMA-48, 8.3.117). */
const colours = {error: 31, warn: 33, info: 36, debug: 90, faint: 90} as const

type Paint = (colour: keyof typeof colours, text: string) => string

const inColour: Paint = (colour, text) => `\u001b[${colours[colour]}m${text}\u001b[39m`
const plain: Paint = (_, text) => text
