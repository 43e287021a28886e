import {errorCodes} from '../codes.js'
import type {
  DescribedRoute,
  Description,
  JsonSchema,
  SentMessage,
  Shape,
  TakenMessage,
} from './description.js'
import {refTo} from './schemas.js'

/** A part of an AsyncAPI document. */
type Part = Readonly<Record<string, unknown>>

/**
 * The app's WebSocket routes as an AsyncAPI 3 document. Pages, get and post are no channels of messages, and left out.
 *
 * @see https://www.asyncapi.com/docs/reference/specification/v3.0.0
 */
export function asyncapiOf({title, version, routes, schemas}: Description): Part {
  const [ids, operationIds] = [new Ids(), new Ids()]
  const channels = routes
    .filter(({kind}) => kind === 'ws')
    .map(route => new Channel(ids.of(route.path.replaceAll(/[{}]/g, '').slice(1) || 'root'), route, schemas))
  return {
    asyncapi: '3.0.0',
    info: {title, version},
    defaultContentType: 'application/json',
    channels: Object.fromEntries(channels.map(channel => [channel.id, channel.describe()])),
    operations: Object.fromEntries(channels.flatMap(channel => channel.operations(operationIds))),
    components: {schemas, messages: {error: errorMessage}, securitySchemes},
  }
}

/** Names that may stand in a document: letters, digits, and each once. */
class Ids {
  readonly #taken = new Set<string>()

  of(text: string): string {
    const base = text.replaceAll(/[^\w.-]+/g, '_') || '_'
    let id = base
    for (let count = 2; this.#taken.has(id); count += 1) id = `${base}_${count}`
    this.#taken.add(id)
    return id
  }
}

/** One route: its address, its messages, and what is done with them. */
class Channel {
  readonly id: string
  readonly #route: DescribedRoute
  readonly #schemas: Description['schemas']
  readonly #ids = new Ids()
  readonly #takes: readonly (readonly [id: string, TakenMessage])[]
  readonly #sends: readonly (readonly [id: string, SentMessage])[]

  constructor(id: string, route: DescribedRoute, schemas: Description['schemas']) {
    this.id = id
    this.#route = route
    this.#schemas = schemas
    const {takes = [], sends = []} = route.messages ?? {}
    this.#takes = takes.map(taken => [this.#ids.of(`receive.${taken.type ?? taken.form}`), taken])
    this.#sends = sends.map(sent => [this.#ids.of(`send.${sent.type}`), sent])
  }

  describe(): Part {
    const {path, params, token, auth, use, source} = this.#route
    const messages = [
      ...this.#takes.map(([id, taken]) => [id, this.#taken(taken)]),
      ...this.#takes.flatMap(([id, {type, reply}]) =>
        reply ? [[replyTo(id), {name: 'reply', title: `the answer to ${type}`, payload: answer(reply)}]] : [],
      ),
      ...this.#sends.map(([id, {type, body}]) => [
        id,
        {name: type, payload: this.#payload(type, body, false)},
      ]),
      ...(this.#takes.length > 0 ? [['error', {$ref: '#/components/messages/error'}]] : []),
    ]
    return {
      address: path,
      ...(params.length > 0 && {parameters: Object.fromEntries(params.map(name => [name, {}]))}),
      messages: Object.fromEntries(messages),
      bindings: {ws: {method: 'GET', bindingVersion: '0.1.0'}},
      'x-candy': {
        token,
        auth,
        use,
        // Without its line, which moves when nothing else does.
        source: source.replace(/:\d+$/, ''),
        ...(!this.#route.messages && {messages: 'declared when a client connects'}),
      },
    }
  }

  operations(ids: Ids): [id: string, Part][] {
    const {token, auth} = this.#route
    const channel = {$ref: `#/channels/${this.id}`}
    const message = (id: string) => ({$ref: `#/channels/${this.id}/messages/${id}`})
    const scheme = auth ? (token ? 'userAndToken' : 'user') : token ? 'token' : undefined
    const security = scheme && {security: [{$ref: `#/components/securitySchemes/${scheme}`}]}
    return [
      ...this.#takes.map(([id, taken]): [string, Part] => [
        ids.of(`${this.id}.${id}`),
        {
          action: 'receive',
          channel,
          messages: [message(id)],
          ...(taken.reply && {reply: {channel, messages: [message(replyTo(id)), message('error')]}}),
          ...security,
          ...((taken.auth || taken.use.length > 0) && {'x-candy': {auth: taken.auth, use: taken.use}}),
        },
      ]),
      ...this.#sends.map(([id]): [string, Part] => [
        ids.of(`${this.id}.${id}`),
        {action: 'send', channel, messages: [message(id)], ...security},
      ]),
    ]
  }

  #taken({form, type, body}: TakenMessage): Part {
    if (form === 'binary')
      return {
        name: 'bytes',
        contentType: 'application/octet-stream',
        payload: {type: 'string', format: 'binary'},
      }
    if (type === null) return {name: 'text', payload: body.is === 'class' ? refTo(body.schema) : {}}
    return {name: type, payload: this.#payload(type, body, true)}
  }

  /** What goes over the wire: the fields of the class beside `type` and, of what may be answered, `ref`. */
  #payload(type: string, body: Shape, mayAsk: boolean): JsonSchema {
    const schema = body.is === 'class' ? this.#schemas[body.schema]! : {type: 'object'}
    return {
      ...schema,
      properties: {type: {const: type}, ...(mayAsk && {ref}), ...schema.properties},
      required: [...new Set(['type', ...(schema.required ?? [])])],
    }
  }
}

function replyTo(id: string): string {
  return id.replace('receive.', 'reply.')
}

const ref: JsonSchema = {
  description: 'Asks for an answer, and comes back with it.',
  oneOf: [{type: 'number'}, {type: 'string', maxLength: 64}],
}

function answer(shape: Shape): JsonSchema {
  const data = shape.is === 'class' ? refTo(shape.schema) : {}
  return {type: 'object', properties: {type: {const: 'reply'}, ref, data}, required: ['type', 'ref', 'data']}
}

const codes = Object.entries(errorCodes).map(([code, when]) => `${code}: ${when}`)

const errorMessage = {
  name: 'error',
  title: 'what went wrong with a message; the connection stays open',
  payload: {
    type: 'object',
    properties: {
      type: {const: 'error'},
      ref,
      code: {type: 'string', description: `${codes.join('; ')}; or one of the app's own`},
      message: {type: 'string'},
      details: {
        description: 'Of VALIDATION: the first five faults. Of a code of the app: what it says.',
        items: {
          type: 'object',
          properties: {path: {type: 'string'}, rule: {type: 'string'}, message: {type: 'string'}},
        },
      },
    },
    required: ['type', 'code', 'message'],
  },
} as const

const tokenIs =
  'a CSRF token of GET /_candy/token, offered as the subprotocol candy-token-<token> beside candy.v1, with the cookie of its session; else close code 4002'
const userIs =
  'a user: the cookie that a login sets, or what else the app knows its users by; else close code 4001'

/** Over https the names of the cookies begin with `__Host-`. */
const cookie = (name: string, is: string) =>
  ({type: 'httpApiKey', in: 'cookie', name, description: `Takes ${is}.`}) as const

const securitySchemes = {
  token: cookie('candy_session', tokenIs),
  user: cookie('candy_user', userIs),
  userAndToken: cookie('candy_user', `${userIs}; and ${tokenIs}`),
} as const
