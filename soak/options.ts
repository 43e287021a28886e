import {parseArgs} from 'node:util'

/** Numbers from the command line, by name; what is not given is as it stands here. */
export function numbers<T extends Readonly<Record<string, number>>>(defaults: T): T {
  const options = Object.fromEntries(Object.keys(defaults).map(name => [name, {type: 'string' as const}]))
  const {values} = parseArgs({options})
  const given = Object.entries(values).map(([name, text]) => [name, positive(name, String(text))])
  return {...defaults, ...(Object.fromEntries(given) as Partial<T>)}
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (value > 0 && Number.isFinite(value)) return value
  throw new RangeError(`--${name} is a number above 0, not ${text}`)
}
