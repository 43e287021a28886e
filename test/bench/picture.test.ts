import {describe, expect, it} from 'vitest'
import {picture} from './parts.js'
import {run} from './results.js'

/** The names of elements in the order they end in; throws where they do not nest, or a character is not escaped. */
function wellFormed(xml: string): string[] {
  const open: string[] = []
  const ended: string[] = []
  const text = xml.replaceAll(/<(\/?)(\w+)((?: [\w-]+="[^"<]*")*)>/g, (_, slash: string, name: string) => {
    if (slash === '') open.push(name)
    else if (open.pop() === name) ended.push(name)
    else throw new Error(`</${name}> ends what was not begun`)
    return ''
  })
  if (open.length > 0 || /[<>]|&(?!amp;|lt;|gt;|quot;)/.test(text))
    throw new Error(`not well-formed: ${text}`)
  return ended
}

describe('the picture of the bench', () => {
  const svg = picture(run)

  it('is well-formed, whatever the machine is called', () => {
    expect(wellFormed(svg).at(-1)).toBe('svg')
    expect(() => wellFormed(svg.replace('&amp;', '&'))).toThrow('not well-formed')
  })

  it('says in words what it shows', () => {
    expect(svg).toContain('role="img" aria-labelledby="title desc"')
    expect(svg).toMatch(/<desc id="desc">[^<]*Candy 250,000 {2}\(3\.0x ws\)[^<]*<\/desc>/)
  })

  it('has a bar for each peer, the longest for the cheapest, and highlights Candy', () => {
    const bars = [...svg.matchAll(/<rect class="(ours|theirs)"[^>]* width="([\d.]+)"/g)]
    expect(bars.map(([, kind]) => kind)).toEqual(['theirs', 'ours', 'theirs', 'theirs'])
    const lengths = bars.map(([, , length]) => Number(length))
    expect(lengths).toEqual(lengths.toSorted((a, b) => b - a))
    expect(lengths[1]! / lengths[3]!).toBeCloseTo(3, 1)
  })

  it('fits its width, and follows the light and the dark', () => {
    for (const [, x, width] of svg.matchAll(/ x="([\d.]+)"[^>]* width="([\d.]+)"/g))
      expect(Number(x) + Number(width)).toBeLessThan(800 - 100)
    expect(svg).toContain('@media (prefers-color-scheme: dark)')
  })
})
