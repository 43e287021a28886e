import {once} from 'node:events'
import {connect, type Socket} from 'node:net'
import {expect, it, onTestFinished} from 'vitest'
import {Door} from '#candy/dev/door.js'

async function opened() {
  const door = new Door()
  onTestFinished(() => door.close())
  const {port} = new URL(await door.open(0, '127.0.0.1'))
  const knock = () => {
    const client = connect(Number(port), '127.0.0.1')
    onTestFinished(() => void client.destroy())
    return client
  }
  return {door, port: Number(port), knock}
}

/** Greets whoever is let in. */
const host = (name: string) => (socket: Socket) => void socket.end(name)

async function heard(client: Socket): Promise<string> {
  const [data] = (await once(client, 'data')) as [Buffer]
  return data.toString()
}

it('who comes before anybody serves waits, and is let in first', async () => {
  const {door, knock} = await opened()
  const early = knock()
  await once(early, 'connect')
  door.turn(host('a'))
  expect(await heard(early)).toBe('a')
})

it('who comes goes to whom the door was turned to last', async () => {
  const {door, knock} = await opened()
  door.turn(host('a'))
  expect(await heard(knock())).toBe('a')
  door.turn(host('b'))
  expect(await heard(knock())).toBe('b')
})

it('closed, it lets go of who waits, and of the port', async () => {
  const {door, port, knock} = await opened()
  const waiting = knock()
  await once(waiting, 'connect')
  door.close()
  await once(waiting, 'close')
  const next = new Door()
  onTestFinished(() => next.close())
  expect(await next.open(port, '127.0.0.1')).toBe(`http://127.0.0.1:${port}`)
})

it('a port in use rejects with one clear line', async () => {
  const {port} = await opened()
  await expect(new Door().open(port, '127.0.0.1')).rejects.toThrow(`port ${port} on 127.0.0.1 is in use`)
})
