import type {JsonSchema, Shape} from '../describe/description.js'
import {button, freshId, make, prose} from './element.js'
import {className, propertiesOf, resolve, type Property, type Schemas} from './schema.js'
import {ruleWords, typeWords} from './schema-words.js'

/** A row, and the rows of the class in it, which are made when they are first asked for. */
interface Row {
  readonly element: HTMLTableRowElement
  open: boolean
  inner: readonly Row[]
}

/** How deep the classes in a class are shown without being asked for. */
const openDepth = 2

/** What a message is: its fields as a table, in which the classes that it is made of open in place. */
export function shapeTable(shape: Shape, schemas: Schemas, caption: string): HTMLElement {
  if (shape.is === 'empty') return make('p', {class: 'soft'}, 'It has no fields.')
  if (shape.is === 'anything')
    return make('p', {class: 'soft'}, 'Nothing is declared of it: it may be anything.')
  const schema = schemas[shape.schema] ?? {}
  if (!resolve(schema, schemas).properties)
    return make('p', {}, typeWords(schema, schemas), ' ', ...prose(ruleWords(schema, schemas).join(', ')))
  const body = make('tbody')
  body.append(...rowsOf(schema, schemas, [shape.schema]).flatMap(elementsOf))
  const heads = ['Field', 'Type', 'Rules'].map(words => make('th', {scope: 'col'}, words))
  return make(
    'table',
    {class: 'schema'},
    make('caption', {class: 'unseen'}, caption),
    make('thead', {}, make('tr', {}, ...heads)),
    body,
  )
}

/** @param within the classes around it, outermost first: one that holds itself opens only when it is asked to */
function rowsOf(schema: JsonSchema, schemas: Schemas, within: readonly string[]): Row[] {
  return propertiesOf(schema, schemas).map(property => {
    const inner = innerClass(property.schema, schemas)
    const rules = ruleWords(property.schema, schemas)
    const type = make('td', {class: 'type'}, typeWords(property.schema, schemas))
    const element = make(
      'tr',
      {},
      nameCell(property),
      type,
      make('td', {class: 'rules'}, ...prose(rules.join(', '))),
    )
    element.style.setProperty('--depth', String(within.length - 1))
    const row: Row = {element, open: false, inner: []}
    if (inner) type.replaceChildren(opener(row, inner, {property, schemas, within}))
    return row
  })
}

function nameCell({name, required}: Property): HTMLElement {
  return make(
    'th',
    {scope: 'row'},
    make('code', {}, name),
    !required && make('span', {class: 'optional'}, 'optional'),
  )
}

/** The class in a field, or in the items of its list. */
function innerClass(schema: JsonSchema, schemas: Schemas): {name: string; schema: JsonSchema} | undefined {
  const {items} = resolve(schema, schemas)
  const inner = className(schema) === undefined && items ? items : schema
  const name = className(inner)
  const properties = resolve(inner, schemas).properties
  return properties && {name: name ?? freshId(), schema: inner}
}

interface Opening {
  readonly property: Property
  readonly schemas: Schemas
  readonly within: readonly string[]
}

function opener(row: Row, inner: {name: string; schema: JsonSchema}, opening: Opening): HTMLElement {
  const {property, schemas, within} = opening
  const toggle = (open: boolean) => {
    row.open = open
    element.setAttribute('aria-expanded', String(open))
    if (open && row.inner.length === 0) {
      row.inner = rowsOf(inner.schema, schemas, [...within, inner.name])
      row.element.after(...row.inner.flatMap(elementsOf))
    }
    for (const each of row.inner) show(each, open)
  }
  const words = typeWords(property.schema, schemas)
  const element = button(words, () => toggle(!row.open), {class: 'opener', 'aria-expanded': 'false'})
  if (within.length < openDepth && !within.includes(inner.name)) toggle(true)
  return element
}

/** A row and what is open in it. */
function elementsOf(row: Row): HTMLElement[] {
  return [row.element, ...row.inner.flatMap(elementsOf)]
}

function show(row: Row, visible: boolean): void {
  row.element.hidden = !visible
  for (const inner of row.inner) show(inner, visible && row.open)
}
