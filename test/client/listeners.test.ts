import {Listeners} from '#candy/client/listeners.js'
import {describe, expect, it} from 'vitest'
import {Program} from '../support/cli.js'
import {Hand} from '../support/hand.js'

describe('What a listener throws', () => {
  it.each([
    ['throws', () => thrown(new Error('mine'))],
    ['rejects with', async () => thrown(new Error('mine'))],
  ])('or %s, is told the error listeners, and keeps nobody from hearing', async (_, fn) => {
    const heard: unknown[] = []
    const listeners = new Listeners()
    listeners.add('said', fn)
    listeners.add('said', text => heard.push(text))
    listeners.add('error', error => heard.push(error))
    listeners.emit('said', 'hi')
    await expect.poll(() => heard.length).toBe(2)
    expect(new Set(heard)).toEqual(new Set(['hi', new Error('mine')]))
  })

  it('that is no Error comes as one', () => {
    const heard: unknown[] = []
    const listeners = new Listeners()
    listeners.add('said', () => thrown('text'))
    listeners.add('error', error => heard.push(error))
    listeners.emit('said')
    expect(heard).toEqual([new Error('something was thrown that is no Error', {cause: 'text'})])
  })

  it.each([
    ['nobody listens to errors', ''],
    ['who listens to errors throws as well', ".on('error', () => { throw new Error('more') })"],
  ])('is as if nobody had caught it where %s', async (_, more) => {
    const {url} = await Hand.open()
    const script = `import {Candy} from 'candy-ws/client'
import {WebSocket} from 'ws'
Candy.ws('${url}', {WebSocket, token: false}).on('open', () => { throw new Error('mine') })${more}`
    const args = ['--input-type=module', '--eval', script]
    const {code, stderr} = await new Program(process.execPath, args).exited
    expect(code).toBe(1)
    expect(stderr).toContain(more === '' ? 'Error: mine' : 'Error: more')
  })
})

function thrown(what: unknown): never {
  throw what
}
