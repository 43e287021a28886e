import type {ClassPlan, Property} from './validator-plan.js'

const texts = new Set([
  'isString',
  'isLength',
  'minLength',
  'maxLength',
  'matches',
  'isUuid',
  'isEmail',
  'isIso8601',
])
const numbers = new Set(['isInt', 'isNumber', 'min', 'max', 'isPositive', 'isNegative'])
const booleans = new Set(['isBoolean'])

/** From about so many objects in a list on, `JSON.stringify` is as fast. */
const maxItems = 16

/**
 * The text of functions that write JSON, one for each class. What the class declares says only what to try first: fields may
 * come in any order, be missing, be others or of another kind. A property is read once, as `JSON.stringify` reads it.
 */
export class SerialiserCode {
  readonly bound: unknown[] = []
  #text = ''
  readonly #numbers = new Map<ClassPlan, number>()
  readonly #open = new Set<ClassPlan>()

  source(root: number): string {
    return `'use strict'
const [${this.bound.map((_, index) => `b${index}`).join(', ')}] = bound
const {jsonText, jsonNumber, jsonOf, stringify} = words
const {getPrototypeOf, keys, prototype} = Object
const {isArray} = Array
${this.#text}
return v => typeof v === 'object' && v !== null && plain${root}(v) ? object${root}(v) : undefined`
  }

  /** Writes the functions of a class, once. @returns the number they end with */
  objectOf(plan: ClassPlan): number {
    const known = this.#numbers.get(plan)
    if (known !== undefined) return known
    const k = this.#numbers.size
    this.#numbers.set(plan, k)
    this.#open.add(plan)
    const cls = `b${this.bound.push(plan.cls.prototype) - 1}`
    const cases = plan.properties.map(property => this.#case(property))
    this.#open.delete(plan)
    this.#text += `
function plain${k}(v) {
  if (isArray(v) || v.toJSON !== undefined) return false
  const p = getPrototypeOf(v)
  return p === prototype || p === ${cls}
}
function object${k}(v) {
  const names = keys(v)
  let t = '', x, s
  for (let i = 0; i < names.length; i++) {
    const name = names[i]
    switch (name) {
${cases.join('\n')}
      default:
        s = jsonOf(name, v[name])
        if (s !== undefined) t += (t === '' ? '{' : ',') + stringify(name) + ':' + s
    }
  }
  return t === '' ? '{}' : t + '}'
}
function value${k}(name, v) {
  if (typeof v !== 'object' || v === null) return jsonOf(name, v)
  if (plain${k}(v)) return object${k}(v)
  if (!isArray(v) || v.length > ${maxItems} || v.toJSON !== undefined) return jsonOf(name, v)
  const n = v.length
  let t = '['
  for (let i = 0; i < n; i++) {
    const x = v[i]
    const s = typeof x === 'object' && x !== null && plain${k}(x) ? object${k}(x) : jsonOf('' + i, x) ?? 'null'
    t += i === 0 ? s : ',' + s
  }
  return t + ']'
}
`
    return k
  }

  #case(property: Property): string {
    const name = JSON.stringify(property.name)
    const [first, next] = [JSON.stringify(`{${name}:`), JSON.stringify(`,${name}:`)]
    return `      case ${name}:
        x = v[${name}]
        s = ${this.#value(property)}
        if (s !== undefined) t += (t === '' ? ${first} : ${next}) + s
        break`
  }

  #value({rules, type, nested}: Property): string {
    // A class within itself may be a circle: only JSON.stringify finds it.
    if (nested && type && 'cls' in type.to && !this.#open.has(type.to))
      return `value${this.objectOf(type.to)}(name, x)`
    const is = (kind: ReadonlySet<string>) => rules.some(({key, each}) => !each && kind.has(key))
    if (is(texts)) return `typeof x === 'string' ? jsonText(x) : jsonOf(name, x)`
    if (is(numbers)) return `typeof x === 'number' ? jsonNumber(x) : jsonOf(name, x)`
    if (is(booleans)) return `x === true ? 'true' : x === false ? 'false' : jsonOf(name, x)`
    return 'jsonOf(name, x)'
  }
}
