import type {TakenMessage} from '../describe/description.js'
import type {Control, Spot} from './control.js'
import {freshId, make, unseen} from './element.js'
import {controlFor} from './form.js'
import {parsed} from './frame.js'
import {jsonControl} from './leaf-controls.js'
import {bytesOf, hex} from './pretty.js'
import {refTo, type Schemas} from './schema.js'
import {Segments} from './segments.js'

/** Where a message is written. */
export interface Writing {
  readonly element: HTMLElement
  /** What stands beside the button that sends. */
  readonly beside: HTMLElement | undefined
  /**
   * What is sent.
   *
   * @throws Error in words for who wrote it, if it cannot be sent at all
   */
  data(): string | Uint8Array<ArrayBuffer>
  /** Where a fault of this path is shown; `undefined` if nowhere. */
  find(path: readonly string[]): Spot | undefined
  /** What has been typed, for a writing of the same kind. */
  draft(): Draft
  restore(draft: Draft): void
}

export interface Draft {
  readonly form?: unknown
  readonly raw?: string
  readonly asks?: boolean
}

export function writingFor(message: TakenMessage, schemas: Schemas): Writing {
  if (message.form === 'binary') return bytesWriting()
  return message.type === null ? textWriting('') : typedWriting(message.type, message, schemas)
}

/** Any text, sent as it is. */
export function textWriting(initial: string): Writing {
  const input = rawInput('Text or JSON', initial)
  return {
    element: input,
    beside: undefined,
    data: () => input.value,
    find: () => undefined,
    draft: () => ({raw: input.value}),
    restore: ({raw = ''}) => void (input.value = raw),
  }
}

/** Bytes: hex digits, or a file, which become hex digits as well. */
function bytesWriting(): Writing {
  const input = rawInput('Bytes in hex', '00 01 02')
  const file = make('input', {type: 'file', id: freshId()})
  const read = async () => {
    const [chosen] = file.files ?? []
    if (chosen) input.value = hex(new Uint8Array(await chosen.arrayBuffer()))
  }
  file.addEventListener('change', () => void read())
  return {
    ...textWriting(''),
    element: make(
      'div',
      {class: 'bytes'},
      input,
      make('label', {class: 'file'}, unseen('Bytes of a file'), file),
    ),
    data: () => {
      const bytes = bytesOf(input.value)
      if (!bytes) throw new Error('That is no hex. Each byte has two digits, as in 01 ff.')
      return bytes
    },
    draft: () => ({raw: input.value}),
    restore: ({raw = ''}) => void (input.value = raw),
  }
}

let refs = 0

/** A message with a type: a form made of its class, or its text. Each begins with what the other holds. */
function typedWriting(type: string, {body, reply}: TakenMessage, schemas: Schemas): Writing {
  const form = controlOf(body, schemas)
  const raw = rawInput('The message, as it is sent', '')
  const asks = make('input', {type: 'checkbox'})
  const beside = make('label', {class: 'check'}, asks, 'Ask for a reply')
  asks.checked = reply !== null
  beside.hidden = reply === null

  const message = () => {
    const fields = form.value()
    if (!isObject(fields)) throw new Error('That is no JSON object. Raw sends any text.')
    return {type, ...fields, ...(asks.checked && {ref: ++refs})}
  }
  const views = new Segments(
    'How to write it',
    {form: body.is === 'anything' ? 'JSON' : 'Form', raw: 'Raw'},
    view => {
      if (view === 'raw') raw.value = isObject(form.value()) ? JSON.stringify(message(), null, 2) : ''
      else fill(parsed(raw.value))
      show(view)
    },
  )
  const show = (view: 'form' | 'raw') => {
    form.element.hidden = view === 'raw'
    raw.hidden = view === 'form'
    beside.hidden = reply === null || view === 'raw'
  }
  // What is no message leaves the form as it was.
  const fill = (typed: Record<string, unknown> | undefined) => {
    if (typed) form.fill(body.is === 'class' ? typed : withoutEnvelope(typed), 'leave out')
  }
  show('form')
  return {
    element: make('div', {class: 'typed'}, views.element, form.element, raw),
    beside,
    data: () => (views.chosen === 'raw' ? raw.value : JSON.stringify(message())),
    find: path => (views.chosen === 'raw' ? undefined : form.find(path)),
    draft: () => ({form: form.value(), asks: asks.checked, ...(views.chosen === 'raw' && {raw: raw.value})}),
    restore: draft => {
      form.fill(draft.form, 'keep')
      asks.checked = draft.asks ?? asks.checked
      if (draft.raw === undefined) return
      views.choose('raw')
      raw.value = draft.raw
    },
  }
}

function controlOf(body: TakenMessage['body'], schemas: Schemas): Control {
  if (body.is === 'class') return controlFor(refTo(body.schema), schemas)
  if (body.is === 'anything') return labelled(jsonControl('{}'), 'Fields of the message, as JSON')
  const nothing = make('p', {class: 'soft'}, 'It has no fields.')
  return {element: nothing, input: undefined, value: () => ({}), fill: () => {}, find: () => undefined}
}

function labelled(control: Control, label: string): Control {
  control.input?.setAttribute('aria-label', label)
  return control
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function withoutEnvelope(message: Record<string, unknown>): unknown {
  return Object.fromEntries(Object.entries(message).filter(([name]) => name !== 'type' && name !== 'ref'))
}

function rawInput(label: string, value: string): HTMLTextAreaElement {
  const input = make('textarea', {
    class: 'code',
    rows: 3,
    spellcheck: 'false',
    autocomplete: 'off',
    'aria-label': label,
  })
  input.value = value
  return input
}
