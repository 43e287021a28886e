import {typesOf} from '#candy/describe/typescript.js'
import ts from 'typescript'
import {describe, expect, it} from 'vitest'
import type {Description, DescribedRoute, JsonSchema} from '#candy/describe/description.js'

const row: DescribedRoute = {
  kind: 'ws',
  path: '/room/{id}',
  params: ['id'],
  token: true,
  auth: false,
  use: [],
  options: {},
  handler: 'RoomController',
  source: 'controllers/room.ts:3',
  messages: {takes: [], sends: []},
}

function typesFor(routes: readonly Partial<DescribedRoute>[], schemas: Description['schemas'] = {}): string {
  return typesOf({title: 'app', version: '1.0.0', routes: routes.map(one => ({...row, ...one})), schemas})
}

/** What a schema becomes, as a field of an interface. */
function fieldOf(schema: JsonSchema): string {
  const text = typesFor([], {Message: {type: 'object', properties: {field: schema}, required: ['field']}})
  return /field: ([^]*?)\n\}/.exec(text)![1]!
}

/** What is wrong with a text as TypeScript; nothing is resolved. */
function faultsOf(text: string): readonly string[] {
  const {diagnostics = []} = ts.transpileModule(text, {reportDiagnostics: true})
  return diagnostics.map(({messageText}) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

describe('the types of an app', () => {
  it('have each WebSocket route with its parameters, and its messages both ways', () => {
    const takes = {form: 'typed', auth: false, use: []} as const
    const text = typesFor(
      [
        {
          messages: {
            takes: [
              {
                ...takes,
                type: 'say',
                body: {is: 'class', schema: 'Say'},
                reply: {is: 'class', schema: 'Said'},
              },
              {...takes, type: 'typing', body: {is: 'empty'}, reply: {is: 'anything'}},
              {...takes, form: 'binary', type: null, body: {is: 'anything'}, reply: null},
            ],
            sends: [{type: 'user:said', body: {is: 'class', schema: 'Said'}}],
          },
        },
        {kind: 'page', path: '/'},
      ],
      {Say: {type: 'object', properties: {text: {type: 'string', maxLength: 5}}, required: ['text']}},
    )
    expect(text).toBe(`// Written by \`candy types\`; the next run writes it anew.

export interface Contract {
  '/room/{id}': {
    params: {id: string}
    takes: {
      say: {body: Say; reply: Said}
      typing: {body: undefined; reply: unknown}
    }
    sends: {
      'user:said': Said
    }
  }
}

export interface Say {
  /** maxLength 5 */
  text: string
}
`)
  })

  it('take and send anything where a function says it later', () => {
    expect(typesFor([{path: '/game', params: [], messages: null}])).toContain(`  '/game': {
    params: {}
    takes: {
      [type: string]: {body: unknown; reply: unknown}
    }
    sends: {[type: string]: unknown}
  }`)
  })

  it.each<[JsonSchema, string]>([
    [{type: 'string'}, 'string'],
    [{type: 'integer'}, '/** integer */\n  number'],
    [{type: 'boolean'}, 'boolean'],
    [{type: 'object'}, '{[key: string]: unknown}'],
    [{}, 'unknown'],
    [{enum: ["it's", 2, null]}, "'it\\'s' | 2 | null"],
    [{$ref: '#/components/schemas/Line'}, 'Line'],
    [{type: 'array', items: {$ref: '#/components/schemas/Line'}}, 'Line[]'],
    [{type: 'array', items: {enum: [1, 2]}}, '(1 | 2)[]'],
    [{type: 'array', items: {}}, 'unknown[]'],
    [{type: 'object', additionalProperties: {type: 'number'}}, '{\n    [key: string]: number\n  }'],
    [
      {
        oneOf: [
          {type: 'string', format: 'date'},
          {type: 'string', format: 'date-time'},
        ],
      },
      'string',
    ],
    [{anyOf: [{type: 'string'}, {type: 'null'}]}, 'string | null'],
    [{type: 'array', items: {enum: ['a|b']}}, "'a|b'[]"],
    [{type: 'array', items: {type: 'array', items: {type: 'string'}}}, 'string[][]'],
    [{$ref: '#/definitions/theirs'}, 'unknown'],
    [{not: {}}, 'never'],
  ])('has of the schema %j the type %s', (schema, type) => {
    const comment = /^\/\*\*.*\n {2}/.exec(type)?.[0] ?? ''
    const text = typesFor([], {Message: {type: 'object', properties: {field: schema}, required: ['field']}})
    expect(text).toContain(`${comment}field: ${type.replace(comment, '')}\n}`)
    expect(fieldOf(schema)).toBe(type.replace(comment, ''))
  })

  it('are TypeScript, whatever names an app has', () => {
    const names = [
      'a b',
      "it's",
      'a"b',
      'a\\b',
      'a*/b',
      'ünï',
      '1',
      '__proto__',
      'constructor',
      '\n',
      'candy',
    ]
    const takes = {form: 'typed', auth: false, use: [], body: {is: 'class', schema: 'Odd'}} as const
    const text = typesFor(
      names.map(name => ({
        path: `/${name}`,
        messages: {takes: [{...takes, type: name, reply: null}], sends: []},
      })),
      {
        Odd: {type: 'object', properties: {a: {type: 'string', pattern: 'a*/b\n'}}},
        Names: {type: 'object', properties: Object.fromEntries(names.map(name => [name, {type: 'string'}]))},
      },
    )
    expect(faultsOf(text)).toEqual([])
  })
})
