import {LearnedContract} from '#candy/messages/contract.js'
import {expect, it} from 'vitest'

const typed = {form: 'typed', body: 'anything', reply: 'anything'} as const

it('what is learned is the same object until there is more', () => {
  const learned = new LearnedContract()
  expect(learned.contract).toBeUndefined()
  learned.begin()
  const first = learned.contract
  learned.begin()
  expect(learned.contract).toBe(first)
  learned.learn({...typed, type: 'say'})
  const second = learned.contract
  expect(second).not.toBe(first)
  learned.learn({...typed, type: 'say'})
  expect(learned.contract).toBe(second)
  expect(second!.takes.map(({type}) => type)).toEqual(['say'])
})

it('no more is remembered than a reader could want, however many types are made', () => {
  const learned = new LearnedContract()
  for (let count = 0; count < 10_000; count += 1) learned.learn({...typed, type: `user-${count}`})
  expect(learned.contract!.takes).toHaveLength(100)
})
