import {closeCodes} from '#candy/codes.js'
import {explainClose, type Ending} from '#candy/page/close-words.js'
import {describe, expect, it} from 'vitest'

const explain = (ending: Partial<Ending>) =>
  explainClose({code: 1000, reason: '', opened: true, byUs: false, ...ending}, Object.values(closeCodes))

describe('A close code, explained', () => {
  it.each(Object.values(closeCodes))('$code $reason: when, and whether trying again helps', known => {
    const {title, why, advice} = explain(known)
    expect(title).toBe(`Closed with ${known.code} ${known.reason}`.trim())
    expect(why).toBe(`Issued when ${known.when}.`)
    // Somebody at the page can log in meanwhile.
    const helps = known.policy === 'retry' || known.code === 4001
    expect(advice).toMatch(helps ? /may succeed/ : /same way/)
  })

  it('a code of Candy with a reason of the app’s own is still that code', () => {
    expect(explain({code: 4003, reason: 'Not on Sundays'})).toMatchObject({
      title: 'Closed with 4003 Not on Sundays',
      why: expect.stringContaining('a middleware returns `false`'),
    })
  })

  it.each([1001, 1003, 1005, 1006, 1014, 1015])('%i, as RFC 6455 and its registry have it', code => {
    expect(explain({code}).why).not.toMatch(/no registered meaning/)
  })

  it('a code of the app’s own is the app’s own', () => {
    expect(explain({code: 4321}).why).toMatch(/this app’s own/)
  })

  it('what was never open was refused with a status that browsers do not show', () => {
    const {title, why, advice} = explain({code: 1006, opened: false})
    expect([title, why, advice].join(' ')).toMatch(/^Refused .*HTTP status.*`CANDY_LOG=debug`/)
  })

  it('what was asked for here needs no reason', () => {
    expect(explain({byUs: true}).why).toBe('Asked for here.')
    expect(explain({byUs: true, code: 1006, opened: false}).title).toBe('Cancelled')
  })
})
