import {FrameLog} from '#candy/page/frame-log.js'
import type {Frame} from '#candy/page/frame.js'
import {describe, expect, it} from 'vitest'

/** Frames `from` to `to`, in turn heard and sent. */
function frames(from: number, to: number, data = (n: number): Frame['data'] => `frame ${n}`): Frame[] {
  return Array.from({length: to - from + 1}, (_, n) => {
    const id = from + n
    return {id, at: 0, way: id % 2 === 0 ? 'in' : 'out', data: data(id)}
  })
}

const shown = (log: FrameLog) => log.shown.map(({id}) => id)

describe('The log of frames', () => {
  it('keeps the last ten thousand', () => {
    const log = new FrameLog()
    expect(log.append(frames(1, 10_000))).toBe(0)
    expect(log.append(frames(10_001, 10_003))).toBe(3)
    expect([log.count, shown(log)[0], shown(log).at(-1)]).toEqual([10_000, 4, 10_003])
  })

  it('keeps less of what is large, and the newest whatever its size', () => {
    const log = new FrameLog({size: 100})
    log.append(frames(1, 3, () => 'x'.repeat(40)))
    expect(shown(log)).toEqual([2, 3])
    log.append(frames(4, 4, () => new Uint8Array(500)))
    expect(shown(log)).toEqual([4])
    log.append(frames(5, 5, () => 'x'))
    expect(shown(log)).toEqual([5])
  })

  it('shows those that a filter lets through, of those to come as well', () => {
    const log = new FrameLog()
    log.append(frames(1, 20))
    log.filter({way: 'in', text: 'frame 1'})
    expect(shown(log)).toEqual([10, 12, 14, 16, 18])
    log.append(frames(100, 103))
    expect(shown(log).slice(-2)).toEqual([100, 102])
    log.filter({way: 'all', text: ''})
    expect(log.shown).toHaveLength(24)
  })

  it('says how many of those that are shown it has dropped', () => {
    const log = new FrameLog({frames: 10})
    log.append(frames(1, 10))
    log.filter({way: 'out', text: ''})
    expect(log.append(frames(11, 14))).toBe(2)
    expect(shown(log)).toEqual([5, 7, 9, 11, 13])
  })

  it('is empty once it is cleared', () => {
    const log = new FrameLog({frames: 10})
    log.append(frames(1, 12))
    log.clear()
    expect([log.count, shown(log)]).toEqual([0, []])
    expect(log.append(frames(13, 22))).toBe(0)
  })
})
