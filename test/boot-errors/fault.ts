import type {BootCode} from 'candy-ws'

/** One faulty file, or two, that an app folder can hold beside others. */
export interface Fault {
  readonly name: string
  readonly code: BootCode
  /** The line of a file that says `// here` is the place the error names. */
  readonly files: Readonly<Record<string, string>>
  /** What the message says. */
  readonly says: readonly string[]
  /** What the remedy says. */
  readonly remedy: string
}

export const marker = '// here'

/** `file:line` of the mark. */
export function placeOf({files}: Pick<Fault, 'files'>): string {
  for (const [file, text] of Object.entries(files)) {
    const index = text.split('\n').findIndex(line => line.includes(marker))
    if (index >= 0) return `${file}:${index + 1}`
  }
  throw new Error('no file says // here')
}
