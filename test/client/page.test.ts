import {beforeEach, describe, expect, it, onTestFinished, vi} from 'vitest'
import {chanceIs, connectTo, storyOf, told} from '../support/client-socket.js'
import {Hand} from '../support/hand.js'

/** A page, as far as the client looks at one; real ones are in e2e. */
class Page {
  readonly window = new EventTarget()
  readonly document = Object.assign(new EventTarget(), {visibilityState: 'visible'})

  constructor() {
    vi.stubGlobal('document', this.document)
    vi.stubGlobal('addEventListener', this.window.addEventListener.bind(this.window))
    onTestFinished(() => void vi.unstubAllGlobals())
  }

  says(type: 'online' | 'offline' | 'pagehide' | 'pageshow'): void {
    this.window.dispatchEvent(new Event(type))
  }

  documentSays(type: 'freeze' | 'resume'): void {
    this.document.dispatchEvent(new Event(type))
  }

  becomes(visibilityState: 'visible' | 'hidden'): void {
    this.document.visibilityState = visibilityState
    this.document.dispatchEvent(new Event('visibilitychange'))
  }
}

let page: Page
beforeEach(() => {
  page = new Page()
})

/** A socket in the page, open, at a server that answers nothing by itself from now on. */
async function open() {
  const hand = await Hand.open()
  const socket = connectTo(hand, {reconnectDelay: 5_000})
  const guest = await hand.next()
  await Promise.all([guest.ping(), told(socket, 'open')])
  guest.answers = false
  return {hand, socket, guest, story: storyOf(socket)}
}

const noAnswer = {code: 1006, reason: 'No answer'}

describe('The network, as the page knows it', () => {
  it('is gone: it doubts at once, and asks; sends wait', async () => {
    const {socket, guest, story} = await open()
    page.says('offline')
    expect(story).toEqual([['state', 'reconnecting', noAnswer]])
    expect(socket.send('a')).toBe(true)
    await guest.ping()
    expect(guest.said).toEqual([])
    guest.pong()
    expect(await guest.next()).toBe('a')
    expect(story.slice(1)).toEqual([['state', 'open']])
  })

  it('is there again: it asks at once, and says nothing', async () => {
    const {guest, story} = await open()
    page.says('online')
    await guest.ping()
    expect(story).toEqual([])
  })

  it('is there again: the next try comes soon', async () => {
    chanceIs(1)
    const {socket, guest} = await open()
    guest.terminate()
    await told(socket, 'close')
    chanceIs(0)
    page.says('online')
    await told(socket, 'gap')
  })
})

describe('Who looks at the page again', () => {
  it('finds out whether the server is there', async () => {
    const {socket, guest} = await open()
    page.becomes('hidden')
    socket.send('after')
    expect([await guest.next(), guest.pinged]).toEqual(['after', 1])
    page.becomes('visible')
    await guest.ping()
  })

  it('need not wait for the next try', async () => {
    chanceIs(1)
    const {socket, guest} = await open()
    guest.terminate()
    await told(socket, 'close')
    chanceIs(0)
    page.becomes('visible')
    await told(socket, 'gap')
  })
})

describe.each([
  ['left', () => page.says('pagehide'), () => page.says('pageshow')],
  ['frozen', () => page.documentSays('freeze'), () => page.documentSays('resume')],
])('A page that is %s', (_, leave, comeBack) => {
  it('has no connection', async () => {
    const {socket, guest, story} = await open()
    const rejected = expect(socket.request('a')).rejects.toMatchObject({code: 'CLOSED'})
    leave()
    await rejected
    expect(await guest.closed).toEqual({code: 1000, reason: ''})
    const [state, close, ...rest] = story
    expect(state).toMatchObject(['state', 'reconnecting', {code: 1001}])
    expect([close?.slice(0, 2), rest]).toEqual([['close', 1001], []])
  })

  it('has a new one at once when it is come back to, for what waits and with a gap', async () => {
    chanceIs(1)
    const {hand, socket, story} = await open()
    leave()
    socket.send('a')
    comeBack()
    const guest = await hand.next()
    expect(await guest.next()).toBe('a')
    expect(story.map(([event]) => event)).toEqual(['state', 'close', 'state', 'open', 'gap'])
  })

  it('makes no second one when it is only shown', async () => {
    const {hand, story} = await open()
    comeBack()
    await told(connectTo({url: `${hand.url}/meanwhile`}), 'open')
    expect((await hand.next()).request.url).toBe('/meanwhile')
    expect(story).toEqual([])
  })

  it('does not come back to who has closed meanwhile', async () => {
    const {hand, socket, story} = await open()
    leave()
    socket.close()
    comeBack()
    await told(connectTo({url: `${hand.url}/meanwhile`}), 'open')
    expect((await hand.next()).request.url).toBe('/meanwhile')
    expect(story.at(-1)).toEqual(['close', 1000, ''])
  })

  it('does not try meanwhile, where the connection was broken', async () => {
    vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout']})
    onTestFinished(() => void vi.useRealTimers())
    const {socket, guest} = await open()
    guest.terminate()
    await told(socket, 'close')
    expect(vi.getTimerCount()).toBe(1)
    leave()
    expect(vi.getTimerCount()).toBe(0)
    comeBack()
    await told(socket, 'gap')
  })
})

describe('A socket that is closed', () => {
  it('listens to the page no longer', async () => {
    const {socket, guest} = await open()
    socket.close()
    page.says('offline')
    page.becomes('visible')
    page.says('pagehide')
    page.says('pageshow')
    await guest.closed
    expect([socket.state, guest.pinged]).toEqual(['closed', 1])
  })
})
