import {Type} from 'class-transformer'
import {IsInt, IsOptional, ValidateBy} from 'class-validator'
import {declare, type MessageClass} from './declare.js'

const isAlone = (object: object) => Object.keys(object).length > 1
const differsFromA = (options: {groups: string[]}) =>
  ValidateBy(
    {
      name: 'differsFromA',
      validator: {validate: (value, args) => value !== (args!.object as {a?: unknown}).a},
    },
    options,
  )

/** Inputs on which Candy and class-validator once disagreed. */
export const cases: readonly {
  readonly cls: MessageClass
  readonly input: object
  readonly groups?: readonly string[]
}[] = [
  {
    // A condition counts the fields: one that is refused is among them.
    cls: declare([{name: 'c', decorators: [IsInt({validateIf: isAlone})]}]),
    input: {a: [], c: {}},
  },
  {
    // A field of another group is refused, and converted all the same, where a rule of the author's looks at it.
    cls: declare([
      {name: 'a', decorators: [Type(() => Boolean), IsInt()]},
      {name: 'b', decorators: [IsOptional({groups: ['create']}), differsFromA({groups: ['create']})]},
    ]),
    input: {a: {}, b: true},
    groups: ['create'],
  },
]
