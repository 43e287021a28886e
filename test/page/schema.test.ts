import {className, closure, kindOf, propertiesOf, resolve} from '#candy/page/schema.js'
import {describe, expect, it} from 'vitest'

const to = (name: string) => ({$ref: `#/components/schemas/${name}`})
const schemas = {
  Order: {
    type: 'object',
    properties: {note: {type: 'string'}, lines: {type: 'array', items: to('Line')}, to: to('Tree')},
    required: ['lines', 'to'],
  },
  Line: {type: 'object', properties: {sku: {type: 'string'}}},
  Tree: {type: 'object', properties: {branches: {type: 'array', items: to('Tree')}}},
  Other: {type: 'object', properties: {}},
} as const

describe('A schema', () => {
  it('lists what must be there before what may be left out', () => {
    const names = propertiesOf(to('Order'), schemas).map(({name, required}) => [name, required])
    expect(names).toEqual([
      ['lines', true],
      ['to', true],
      ['note', false],
    ])
  })

  it('with parts that must all be true has the properties of all of them', () => {
    const both = {allOf: [to('Line'), {properties: {count: {type: 'integer'}}, required: ['count']}]}
    expect(propertiesOf(both, schemas).map(({name}) => name)).toEqual(['count', 'sku'])
  })

  it('that may be null besides is read as what it is else', () => {
    const orNull = (schema: object) => ({anyOf: [schema, {type: 'null'}], description: 'a note'})
    expect(resolve(orNull({type: 'string', maxLength: 5}), schemas)).toEqual({
      type: 'string',
      maxLength: 5,
      description: 'a note',
    })
    expect(className(orNull(to('Line')))).toBe('Line')
    expect(kindOf(orNull(to('Line')), schemas)).toBe('object')
    expect(kindOf(orNull({type: 'array', items: to('Line')}), schemas)).toBe('list')
  })

  it('that refers to nothing is anything', () => {
    expect(resolve(to('Gone'), schemas)).toEqual({})
  })

  it.each([
    [{type: 'string'}, 'text'],
    [
      {
        oneOf: [
          {type: 'string', format: 'date'},
          {type: 'string', format: 'date-time'},
        ],
      },
      'text',
    ],
    [{type: 'integer'}, 'number'],
    [{type: 'boolean'}, 'boolean'],
    [{type: 'string', enum: ['a']}, 'choice'],
    [{const: 1}, 'choice'],
    [to('Line'), 'object'],
    [{type: 'array', items: to('Line')}, 'list'],
    [{type: 'array', items: {}}, 'json'],
    [{type: 'object'}, 'json'],
    [{anyOf: [{type: 'string'}, {type: 'number'}]}, 'json'],
    [{type: 'object', additionalProperties: to('Line')}, 'json'],
    [{}, 'json'],
  ] as const)('%o is typed in as %s', (schema, kind) => {
    expect(kindOf(schema, schemas)).toBe(kind)
  })

  it('is made of the classes in it, and of theirs, each once', () => {
    expect(Object.keys(closure('Order', schemas)).toSorted()).toEqual(['Line', 'Order', 'Tree'])
  })
})
