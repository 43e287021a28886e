import {newTab, refIn, refOut, tabOf} from '#candy/client/refs.js'
import {describe, expect, it} from 'vitest'

const tab = '4fzk21'

describe('The ref of a tab', () => {
  it.each([
    ['c1', '~4fzk21.sc1'],
    ['', '~4fzk21.s'],
    ['1', '~4fzk21.s1'],
    ['a.b~c\n', '~4fzk21.sa.b~c\n'],
    ['~abcdef.n1', '~4fzk21.s~abcdef.n1'],
    [1, '~4fzk21.n1'],
    [-1.5e-7, '~4fzk21.n-1.5e-7'],
    [0, '~4fzk21.n0'],
  ])('%j goes out as %j, and comes in as it was', (ref, out) => {
    expect(refOut(tab, ref)).toBe(out)
    expect(tabOf(out)).toBe(tab)
    expect(refIn(out)).toBe(ref)
  })

  it('is at most as long as a server takes', () => {
    const longest = 'x'.repeat(64 - '~4fzk21.s'.length)
    expect(refOut(tab, longest)).toHaveLength(64)
    expect(refOut(tab, `${longest}x`)).toBe(`${longest}x`)
  })

  it.each([null, undefined, true, Number.NaN, Infinity, {}, []])('that is no ref stays as it is: %j', ref => {
    expect(refOut(tab, ref)).toBe(ref)
  })

  it.each(['c1', '4fzk21.n1', '~4fzk2.n1', '~4fzk211.n1', '~4fzk21.x1', '~4fzk21n1', 17, null, undefined])(
    'is not taken for one where it is none: %j',
    ref => {
      expect(tabOf(ref)).toBeUndefined()
      expect(refIn(ref)).toBe(ref)
    },
  )

  it('bears an id of the tab that is no other tab’s', () => {
    const tabs = Array.from({length: 1_000}, newTab)
    expect(new Set(tabs).size).toBe(1_000)
    for (const one of tabs) expect(tabOf(refOut(one, 1))).toBe(one)
  })
})
