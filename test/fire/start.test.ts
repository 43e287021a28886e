import {setTimeout as delay} from 'node:timers/promises'
import {expect, it} from 'vitest'
import {frames, numbers} from '../support/late.js'
import {rawClient} from '../support/frames.js'
import {serve, signal} from '../support/serve-handlers.js'

it.each([
  ['500, where the rate is raised', 500, {messageRate: 'off'}],
  ['200, which is what may come at once', 200, {}],
] as const)('row 6: frames before, during and after a slow authentication: %s', async (_, count, limits) => {
  const [asked, answer, all] = [signal(), signal(), signal()]
  const heard: unknown[] = []
  const {url} = await serve(
    Candy =>
      Candy.ws.on('message', data => {
        if (heard.push(data) === count) all.fire()
      }),
    {
      limits,
      route: {auth: true},
      auth: async () => {
        asked.fire()
        await answer.fired
        return {id: 1}
      },
    },
  )
  const sent = frames(count)
  const third = Math.floor(count / 3)
  const client = (await rawClient(url)).open('/', {frames: sent.slice(0, third)})
  await asked.fired
  client.write(...sent.slice(third, 2 * third))
  // They are to arrive while the question is open.
  await delay(20)
  answer.fire()
  await client.head
  client.write(...sent.slice(2 * third))
  await all.fired
  expect(heard).toEqual(numbers(count))
  client.destroy()
})
