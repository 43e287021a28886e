import type {PageData, SentMessage, Shape, TakenMessage} from '../describe/description.js'
import {Composer, type Send} from './composer.js'
import {make, prose} from './element.js'
import {closure} from './schema.js'
import {shapeTable} from './schema-table.js'
import {textWriting, writingFor, type Writing} from './writing.js'

export interface CardOptions {
  readonly data: Pick<PageData, 'schemas' | 'errorCodes'>
  /** Without it nothing can be tried. */
  readonly send: Send | undefined
  /** Of cards with the same name one is open at a time. */
  readonly group: string
}

/** A message of a route, to read about and to send. */
export interface MessageCard {
  readonly element: HTMLDetailsElement
  /** What tells it from the other cards of its route. */
  readonly key: string
  /** What it is made of: a card that would be made of the same need not be made anew. */
  readonly madeOf: string
  readonly writing: Writing | undefined
}

/** A card for a message that the route takes. */
export function takenCard(message: TakenMessage, options: CardOptions): MessageCard {
  const {data, send, group} = options
  const {body, reply, auth, use} = message
  const writing = send && writingFor(message, data.schemas)
  const composer = writing && new Composer({writing, send, errorCodes: data.errorCodes})
  const guards = [...(auth ? ['auth'] : []), ...use]
  const element = make(
    'details',
    {class: 'card', name: send && group, open: !send},
    summary(nameOf(message), whatItIs(body, message.form), guards.join(', ')),
    composer?.element,
    schemaPart(body, reply, options),
  )
  return {element, writing, ...identityOf(message, options)}
}

const someText = '{"type": "hello"}'

/** A card for text of any kind, which every route can be sent. */
export function anyCard({send, group, data}: CardOptions): MessageCard {
  const writing = textWriting(someText)
  const element = make(
    'details',
    {class: 'card', name: group},
    summary('raw', 'any text or JSON', ''),
    send && new Composer({writing, send, errorCodes: data.errorCodes}).element,
  )
  return {element, key: 'raw', madeOf: '', writing}
}

/** Whether nobody has written anything there. */
export function isUntouched({key, writing}: MessageCard): boolean {
  return key === 'raw' && writing?.draft().raw === someText
}

/** A card for a message that the route sends. */
export function sentCard(message: SentMessage, options: CardOptions): MessageCard {
  const {type, body} = message
  const element = make(
    'details',
    {class: 'card', open: !options.send},
    summary(type, whatItIs(body), ''),
    make('div', {class: 'card-schema'}, shapeTable(body, options.data.schemas, `Fields of ${type}`)),
  )
  return {element, writing: undefined, ...identityOf(message, options)}
}

export function identityOf(
  message: TakenMessage | SentMessage,
  {data}: CardOptions,
): Pick<MessageCard, 'key' | 'madeOf'> {
  const shapes = 'form' in message ? [message.body, message.reply] : [message.body]
  const classes = shapes.map(shape => (shape?.is === 'class' ? closure(shape.schema, data.schemas) : {}))
  const way = 'form' in message ? message.form : 'sent'
  return {key: `${way} ${message.type ?? ''}`, madeOf: JSON.stringify([message, classes])}
}

function nameOf({form, type}: TakenMessage): string {
  if (type !== null) return type
  return form === 'binary' ? 'bytes' : 'any text'
}

function whatItIs({is, ...shape}: Shape, form?: TakenMessage['form']): string {
  if (form === 'binary') return 'binary'
  if (is === 'empty') return 'no fields'
  return 'schema' in shape ? shape.schema : 'anything'
}

function summary(name: string, what: string, guards: string): HTMLElement {
  return make(
    'summary',
    {},
    make('code', {class: 'card-name'}, name),
    what !== '' && make('span', {class: 'soft'}, what),
    guards !== '' && make('span', {class: 'card-guards'}, guards),
  )
}

function schemaPart(body: Shape, reply: Shape | null, {data, send}: CardOptions): HTMLElement {
  const table = shapeTable(body, data.schemas, 'Fields')
  const answer =
    reply === null
      ? make('p', {class: 'soft'}, 'It is not answered.')
      : make('div', {}, make('p', {class: 'part-name'}, ...replyWords(reply)), replyTable(reply, data))
  if (!send) return make('div', {class: 'card-schema'}, table, answer)
  return make(
    'details',
    {class: 'card-schema'},
    make('summary', {}, reply === null ? 'Schema' : 'Schema and reply'),
    table,
    answer,
  )
}

function replyWords(reply: Shape): Node[] {
  if (reply.is === 'class') return prose(`A \`ref\` is answered with \`${reply.schema}\`:`)
  return prose(
    reply.is === 'empty'
      ? 'A `ref` is answered with `null`.'
      : 'A `ref` is answered; with what is not declared.',
  )
}

function replyTable(reply: Shape, data: CardOptions['data']): HTMLElement | undefined {
  return reply.is === 'class' ? shapeTable(reply, data.schemas, 'Fields of the reply') : undefined
}
