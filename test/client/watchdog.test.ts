import {Watchdog} from '#candy/client/watchdog.js'
import {beforeEach, describe, expect, it, onTestFinished, vi} from 'vitest'

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
})

/** A watchdog, and what it does, each with the second it did it in. */
function watch() {
  const begin = Date.now()
  const story: string[] = []
  const tell = (what: string) => () => void story.push(`${(Date.now() - begin) / 1_000} ${what}`)
  const line = {buffered: 0}
  const dog = new Watchdog({
    ping: tell('ping'),
    doubtful: tell('doubtful'),
    recovered: tell('recovered'),
    dead: tell('dead'),
    buffered: () => line.buffered,
  })
  return {dog, story, line}
}

const seconds = (count: number) => vi.advanceTimersByTime(count * 1_000)

describe('A watchdog asks', () => {
  it('after 25 seconds of silence, and goes on while it is answered', () => {
    const {dog, story} = watch()
    for (let n = 0; n < 3; n += 1) {
      seconds(25)
      dog.heard()
    }
    expect(story).toEqual(['25 ping', '50 ping', '75 ping'])
  })

  it('not while it hears something', () => {
    const {dog, story} = watch()
    for (let n = 0; n < 10; n += 1) {
      seconds(20)
      dog.heard()
    }
    seconds(24.999)
    expect(story).toEqual([])
    seconds(0.001)
    expect(story).toEqual(['225 ping'])
  })

  it('a second after something was sent, if nothing came since', () => {
    const {dog, story} = watch()
    seconds(3)
    dog.sent()
    seconds(0.999)
    expect(story).toEqual([])
    seconds(0.001)
    expect(story).toEqual(['4 ping'])
  })

  it('not where something came since', () => {
    const {dog, story} = watch()
    seconds(3)
    dog.sent()
    seconds(0.5)
    dog.heard()
    seconds(24.999)
    expect(story).toEqual([])
    seconds(0.001)
    expect(story).toEqual(['28.5 ping'])
  })

  it('a second after what was sent as an answer: what it answered is older', () => {
    const {dog, story} = watch()
    seconds(3)
    dog.heard()
    dog.sent()
    seconds(1)
    expect(story).toEqual(['4 ping'])
  })

  it('at most once a second, however much is sent', () => {
    const {dog, story} = watch()
    for (let n = 0; n < 100; n += 1) {
      dog.sent()
      seconds(0.02)
      if (n === 30) dog.heard()
    }
    expect(story).toEqual(['2 ping'])
  })

  it('a second after the first of many that were sent, not after the last', () => {
    const {dog, story} = watch()
    for (let n = 0; n < 5; n += 1) {
      dog.sent()
      seconds(0.2)
    }
    expect(story).toEqual(['1 ping'])
  })

  it('at once where it is told to, once', () => {
    const {dog, story} = watch()
    seconds(3)
    dog.ask()
    dog.ask()
    dog.sent()
    seconds(1)
    expect(story).toEqual(['3 ping'])
  })

  it('nothing more once it is stopped', () => {
    const {dog, story} = watch()
    dog.sent()
    dog.stop()
    seconds(100)
    expect(story).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('Without an answer', () => {
  it('it doubts after 2 seconds, asks every 2, and gives up after 10', () => {
    const {story} = watch()
    seconds(100)
    expect(story).toEqual(['25 ping', '27 doubtful', '27 ping', '29 ping', '31 ping', '33 ping', '35 dead'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('that comes late all is well, and it begins anew', () => {
    const {dog, story} = watch()
    dog.ask()
    seconds(9.999)
    dog.heard()
    seconds(24.999)
    expect(story.slice(-2)).toEqual(['8 ping', '9.999 recovered'])
    seconds(0.002)
    expect(story.slice(-1)).toEqual(['34.999 ping'])
  })

  it('that comes in time nobody hears of it', () => {
    const {dog, story} = watch()
    dog.ask()
    seconds(1.999)
    dog.heard()
    seconds(10)
    expect(story).toEqual(['0 ping'])
  })

  it('it doubts at once where it is told to, once', () => {
    const {dog, story} = watch()
    dog.doubt()
    dog.doubt()
    seconds(2)
    expect(story).toEqual(['0 ping', '0 doubtful', '2 ping'])
    dog.heard()
    expect(story.at(-1)).toBe('2 recovered')
    dog.doubt()
    expect(story.slice(-2)).toEqual(['2 ping', '2 doubtful'])
  })

  it('it waits as long as what was sent goes out', () => {
    const {dog, story, line} = watch()
    line.buffered = 1_000_000
    dog.sent()
    for (let n = 0; n < 30; n += 1) {
      seconds(1)
      line.buffered -= 1_000
    }
    expect(story.filter(what => !what.endsWith('ping'))).toEqual([])
    seconds(11)
    expect(story.filter(what => !what.endsWith('ping'))).toEqual(['33 doubtful', '41 dead'])
  })

  it('it gives up although more and more waits to go out', () => {
    const {dog, story, line} = watch()
    dog.sent()
    for (let n = 0; n < 12; n += 1) {
      seconds(1)
      line.buffered += 1_000
    }
    expect(story.at(-1)).toBe('11 dead')
  })
})

describe('After a sleep', () => {
  /** The machine sleeps: time goes by, and no timer runs. */
  function sleep(count: number): void {
    vi.setSystemTime(Date.now() + count * 1_000)
  }

  it('it asks, and gives what lies there unread its time', () => {
    const {dog, story} = watch()
    seconds(20)
    sleep(3_600)
    seconds(5)
    expect(story).toEqual(['3625 ping'])
    dog.heard()
    seconds(10)
    expect(story).toEqual(['3625 ping'])
  })

  it('in the middle of a question, it asks again before it doubts', () => {
    const {dog, story} = watch()
    dog.ask()
    seconds(1)
    sleep(3_600)
    seconds(1)
    expect(story).toEqual(['0 ping', '3602 ping'])
    seconds(2)
    expect(story.slice(2)).toEqual(['3604 doubtful', '3604 ping'])
    seconds(8)
    expect(story.at(-1)).toBe('3612 dead')
  })

  it('row 66: it gives up although every timer is late, as those of a hidden page are', () => {
    const {dog, story} = watch()
    dog.ask()
    for (let n = 0; n < 3; n += 1) {
      sleep(58)
      seconds(2)
    }
    expect(story).toEqual(['0 ping', '60 ping', '120 dead'])
  })
})

describe('A clock that is put back', () => {
  const putBack = () => vi.setSystemTime(Date.now() - 3_600_000)

  it('does not keep it from asking', () => {
    const {story} = watch()
    seconds(20)
    putBack()
    seconds(30)
    expect(story).not.toEqual([])
  })

  it('does not keep it from giving up', () => {
    const {dog, story} = watch()
    dog.ask()
    seconds(1)
    putBack()
    seconds(11)
    expect(story.at(-1)).toMatch(/dead$/)
  })
})

describe('A server that is busy', () => {
  it('is asked after a minute, and not before, whatever is sent', () => {
    const {dog, story} = watch()
    dog.heard(true)
    for (let n = 0; n < 59; n += 1) {
      seconds(1)
      dog.sent()
    }
    expect(story).toEqual([])
    seconds(1)
    expect(story).toEqual(['60 ping'])
    seconds(10)
    expect(story.at(-1)).toBe('70 dead')
  })

  it('says so in answer to a question', () => {
    const {dog, story} = watch()
    dog.doubt()
    seconds(3)
    dog.heard(true)
    seconds(59.9)
    expect(story).toEqual(['0 ping', '0 doubtful', '2 ping', '3 recovered'])
  })

  it('is so whatever else it says, until it says that it is not', () => {
    const {dog, story} = watch()
    dog.heard(true)
    dog.heard()
    dog.sent()
    dog.ask()
    seconds(30)
    expect(story).toEqual([])
    dog.heard(false)
    dog.sent()
    seconds(1)
    expect(story).toEqual(['31 ping'])
  })

  it('and is asked in vain for a while, has another minute once it says something', () => {
    const {dog, story} = watch()
    dog.heard(true)
    seconds(62)
    expect(story).toEqual(['60 ping', '62 doubtful', '62 ping'])
    dog.heard()
    seconds(59)
    expect(story.slice(3)).toEqual(['62 recovered'])
    seconds(1)
    expect(story.at(-1)).toBe('122 ping')
  })

  it('is asked all the same where the network is said to be gone', () => {
    const {dog, story} = watch()
    dog.heard(true)
    dog.doubt()
    seconds(10)
    expect(story.slice(0, 2)).toEqual(['0 ping', '0 doubtful'])
    expect(story.at(-1)).toBe('10 dead')
  })
})
