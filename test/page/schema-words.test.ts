import {ruleWords, typeWords} from '#candy/page/schema-words.js'
import {describe, expect, it} from 'vitest'

const schemas = {Line: {type: 'object', properties: {sku: {type: 'string'}}}} as const
const line = {$ref: '#/components/schemas/Line'}

describe('A schema in words', () => {
  it.each([
    [{type: 'string'}, 'string'],
    [line, 'Line'],
    [{type: 'array', items: line}, 'list of Line'],
    [{type: 'array', items: {}}, 'list'],
    [{type: 'object', additionalProperties: line}, 'map of Line'],
    [{type: 'object', additionalProperties: false}, 'object'],
    [{enum: ['red', 'green', 3]}, '"red", "green" or 3'],
    [{const: 'said'}, '"said"'],
    [{anyOf: [{type: 'string'}, {type: 'integer'}, line]}, 'string, integer or Line'],
    [
      {
        oneOf: [
          {type: 'string', format: 'date'},
          {type: 'string', format: 'date-time'},
        ],
      },
      'string',
    ],
    [{}, 'anything'],
  ])('%o is of type %s', (schema, words) => {
    expect(typeWords(schema, schemas)).toBe(words)
  })

  it.each([
    [{type: 'string', maxLength: 500}, ['at most 500 characters']],
    [{type: 'string', minLength: 1, maxLength: 500}, ['1 to 500 characters']],
    [{type: 'string', minLength: 1}, ['at least 1 character']],
    [{type: 'string', minLength: 4, maxLength: 4}, ['exactly 4 characters']],
    [{type: 'string', maxLength: 65536}, ['at most 65,536 characters']],
    [{type: 'string', pattern: '\\S'}, ['matches `/\\S/`']],
    [{type: 'string', format: 'email'}, ['email']],
    [
      {
        oneOf: [
          {type: 'string', format: 'date'},
          {type: 'string', format: 'date-time'},
        ],
      },
      ['date or date-time'],
    ],
    [{type: 'integer', minimum: 1, maximum: 99}, ['1 to 99']],
    [{type: 'number', minimum: 0}, ['at least 0']],
    [{type: 'number', exclusiveMinimum: 0}, ['more than 0']],
    [
      {type: 'array', items: line, minItems: 1, maxItems: 50, uniqueItems: true},
      ['1 to 50 items', 'no two alike'],
    ],
    [{type: 'array', items: {type: 'string', maxLength: 3}}, ['each: at most 3 characters']],
    [{not: {type: 'null'}}, ['not null']],
    [{type: 'string', not: {pattern: 'x'}}, ['not matching `/x/`']],
    [{type: 'string'}, []],
  ])('%o has the rules %j', (schema, words) => {
    expect(ruleWords(schema, schemas)).toEqual(words)
  })

  it('a reference has the rules of its class, and what is said beside it', () => {
    const schemas = {Name: {type: 'string', maxLength: 30}} as const
    const name = {$ref: '#/components/schemas/Name', description: 'As others see it'}
    expect(ruleWords(name, schemas)).toEqual(['As others see it', 'at most 30 characters'])
  })
})
