import {expect, it, vi} from 'vitest'
import {candy} from '../support/cli.js'

// A process takes long to start where many do. That what is sent arrives is asked of real buses: test/contracts/nodes-users.ts.
vi.setConfig({testTimeout: 60_000})

const sent = (...args: string[]) => candy(['send', ...args], {env: {...process.env, CANDY_BUS: ''}}).exited

it.each([[['lobby']], [['lobby', '1', '2']], [[]]])('takes a room and a message, not %o', async args => {
  const {code, stderr} = await sent(...args)
  expect(code).toBe(2)
  expect(stderr).toMatch(/^candy: 'send' takes a room and a message\n/)
})

it('says what is no JSON, and how to quote it', async () => {
  const {code, stderr} = await sent('lobby', '{type: news}')
  expect(code).toBe(1)
  expect(stderr).toMatch(/the message is no JSON.*\[INVALID_OPTION\]\n.*candy send lobby '\{/)
})

it('says that there is no bus', async () => {
  const {code, stderr} = await sent('lobby', '1')
  expect(code).toBe(1)
  expect(stderr).toMatch(/there is no bus to send over.*\n.*CANDY_BUS=/)
})
