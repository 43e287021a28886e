import {expect} from 'vitest'

export const token = 'a token that is long enough'

/** The option of an app that is scraped. */
export const metrics = {token} as const
export const bearer = {authorization: `Bearer ${token}`}

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** What an app has told of itself at one time. */
export class Scrape {
  readonly text: string
  readonly samples: readonly Sample[]

  constructor(text: string) {
    this.text = text
    this.samples = text
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('#'))
      .map(sampleOf)
  }

  /** @returns what has exactly these labels; `undefined` if nothing has */
  value(name: string, labels: Sample['labels'] = {}): number | undefined {
    const wanted = keyOf(labels)
    return this.all(name).find(sample => keyOf(sample.labels) === wanted)?.value
  }

  all(name: string): readonly Sample[] {
    return this.samples.filter(sample => sample.name === name)
  }
}

export async function scrape(url: string): Promise<Scrape> {
  const answer = await fetch(`${url}/_candy/metrics`, {headers: bearer})
  expect(answer.status).toBe(200)
  return new Scrape(await answer.text())
}

/** A line of Prometheus's text format 0.0.4. */
function sampleOf(line: string): Sample {
  const match = /^(\w+)(?:\{((?:\w+="(?:[^"\\\n]|\\["\\n])*",?)+)\})? (\S+)$/.exec(line)
  if (!match) throw new Error(`no line of a metric: ${line}`)
  const [, name, labels = '', value] = match
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, text]) => [
    label!,
    text!.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped)),
  ])
  return {name: name!, labels: Object.fromEntries(pairs) as Sample['labels'], value: Number(value)}
}

function keyOf(labels: Sample['labels']): string {
  return JSON.stringify(Object.entries(labels).toSorted())
}
