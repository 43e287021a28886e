import {declaredFields} from './declared-fields.js'
import type {BodyRules} from './rules.js'
import {isReservedKey} from './shape.js'
import {inline, type Bind} from './validator-inline.js'
import {passes} from './validator-interpreter.js'
import type {ClassPlan, Property, Rule} from './validator-plan.js'
import {contained, converted, each, foreign, keptOf, mayKeep} from './validator-runtime.js'

/** Fields of a message that a class sees only if it declares them. */
export const envelope = ['type', 'ref', 'traceparent'] as const

/** Rules that no object keeps: what they stand on need not be walked. */
const primitive = new Set([
  'isString',
  'isInt',
  'isNumber',
  'isBoolean',
  'isLength',
  'minLength',
  'maxLength',
  'matches',
])

/** The text of the functions, and the values it names. */
export class Code {
  readonly bound: unknown[] = []
  readonly tests: string[] = []
  readonly fused: boolean
  text = ''
  readonly #whitelist: BodyRules['whitelist']
  readonly #numbers = new Map<ClassPlan, number>()
  readonly #bind: Bind = value => {
    const known = this.bound.indexOf(value)
    return `b${known >= 0 ? known : this.bound.push(value) - 1}`
  }

  constructor(whitelist: BodyRules['whitelist'], fused: boolean) {
    this.#whitelist = whitelist
    this.fused = fused
  }

  /** Writes the functions of a class, once. @returns the number they end with */
  functionsOf(plan: ClassPlan): number {
    const known = this.#numbers.get(plan)
    if (known !== undefined) return known
    const k = this.#numbers.size
    this.#numbers.set(plan, k)
    const cost = costOf(plan)
    const text = `
${makerOf(this.#bind(plan.cls), plan, k)}
function build${k}(m, depth) {
${this.buildBody(plan, 'nested')}
}
function typed${k}(v, depth) {
  if (typeof v !== 'object' || v === null) { ${this.fused ? 'broken = true; ' : ''}return v }
  if (depth >= deepest || left < 0) { bad = true; return v }
  if (!Array.isArray(v)) { left -= ${cost}; return build${k}(v, depth) }
  left -= v.length * ${cost}
  if (left < 0) return v
  const items = []
  for (let i = 0; i < v.length; i++) {
    const item = v[i]
    items.push(typeof item === 'object' && item !== null && !Array.isArray(item) ? build${k}(item, depth + 1) : typed${k}(item, depth + 1))
  }
  return items
}
${this.fused ? '' : this.#checks(plan, k)}`
    // Only now: what the template calls appends functions of its own.
    this.text += text
    return k
  }

  /** Statements that make an instance of the fields of `m`; in a fused class they judge them too. */
  buildBody(plan: ClassPlan, place: 'root' | 'nested'): string {
    const depth = place === 'root' ? '2' : 'depth + 1'
    const names = place === 'root' ? envelope.filter(name => !plan.names.has(name)) : []
    const outer = names.map(
      name =>
        `    if (m.${name} !== undefined${name === 'traceparent' ? ' && traced' : ''}) { known++; walk(m.${name}, 2) }`,
    )
    const tooMany = this.#whitelist === 'refuse' ? `n > ${plan.properties.length + names.length}` : 'n > left'
    return `  let n = 0, known = 0, v
  for (const k in m) if (++n, ${tooMany}) { bad = true; return m }
  const o = new Maker${this.#numbers.get(plan)}()
${plan.properties.map(property => this.#field(property, depth)).join('\n')}
  if (n !== known) {
${outer.join('\n')}
    if (n !== known) ${this.#unknown(plan, names, depth)}
  }
${this.fused && plan.properties.length === 0 ? '  broken = true\n' : ''}  return o`
  }

  #field(property: Property, depth: string): string {
    const at = member(property.name)
    const made = this.#made(property, depth)
    const start = `  v = m${at}
  if (v !== undefined) { known++; ${made}; o${at} = v }`
    if (!this.fused) return start
    // What an initialiser put there is of a class that only the interpreter looks up.
    const absent = property.nested ? `if (o${at} !== undefined) bad = true` : `v = o${at}`
    return `${start} else ${absent}
${this.#judge(property, 'broken = true')}`
  }

  /** What is done about fields that the class does not declare. */
  #unknown(plan: ClassPlan, names: readonly string[], depth: string): string {
    if (this.#whitelist === 'refuse') return 'bad = true'
    const always = names.filter(name => name !== 'traceparent')
    const declared = this.#bind(new Set([...plan.names.keys(), ...always]))
    const exempt = names.includes('traceparent') ? ` || (traced && k === 'traceparent')` : ''
    return `for (const k in m) {
      if (${declared}.has(k)${exempt}) continue
      if (--left < 0 || ${this.#bind(isReservedKey)}(k)) { bad = true; return o }
      v = m[k]
      walk(v, ${depth})
      if (bad || left < 0) return o
      ${this.#whitelist === 'keep' ? `if (${this.#bind(mayKeep)}(o, k)) o[k] = ${this.#bind(keptOf(plan))}(k, v)` : ''}
    }`
  }

  /** A statement that makes of `v` what `@Type()` says. */
  #made({type, rules, conditions}: Property, depth: string): string {
    if (!type) {
      const isWalked = conditions.length > 0 || !rules.some(rule => !rule.each && primitive.has(rule.key))
      return isWalked || !this.fused ? `walk(v, ${depth})` : ''
    }
    const {to, container} = type
    if ('convert' in to)
      return `v = boxed(v, ${this.#bind((value: unknown) => converted(value, to, container))}, ${depth})`
    const typed = `typed${this.functionsOf(to)}`
    if (container === 'array') return `v = ${typed}(v, ${depth})`
    const item = `item => ${typed}(item, ${depth} + 1)`
    return `v = boxed(v, v => ${this.#bind(contained)}(v, ${item}, '${container}'), ${depth})`
  }

  /** Statements that judge `v`, the value of a property of `o`. */
  #judge({name, optional, conditions, rules, nested, type}: Property, fail: string): string {
    const all = rules.map(rule => this.#ruleTest(rule, name))
    // First what asks nobody, and of that what stands on top: mostly a type, which most bad values fail. The author's keep
    // the order in which class-validator asks them: one may change what the next one sees.
    const inlined = all.filter(({isInlined}) => isInlined).toReversed()
    const tests = [...inlined, ...all.filter(({isInlined}) => !isInlined)].map(({test}) => test)
    if (nested) tests.push(this.#nestedTest(type))
    if (tests.length === 0) return ''
    const when = [
      ...(optional ? ['v !== undefined && v !== null'] : []),
      ...conditions.map(condition => `${this.#bind(condition)}(o, v)`),
    ]
    const test = tests.map(one => `(${one})`).join(' && ')
    return `  if (${[...when, `!(${test})`].join(' && ')}) ${fail}`
  }

  #ruleTest(rule: Rule, name: string): {readonly test: string; readonly isInlined: boolean} {
    const code = inline(rule, rule.each ? 'x' : 'v', this.#bind)
    const called = () => `${this.#bind(passes)}(${this.#bind(rule)}, o, ${JSON.stringify(name)}, v)`
    const test = code === undefined ? called() : rule.each ? `${this.#bind(each)}(v, x => ${code})` : code
    if (code !== undefined) this.tests.push(`[${this.#bind(rule)}, v => ${test}]`)
    if (!rule.validateIf) return {test, isInlined: code !== undefined}
    return {test: `!${this.#bind(rule.validateIf)}(o, v) || (${test})`, isInlined: false}
  }

  /** In a fused class, objects are judged where they are built. */
  #nestedTest(type: Property['type']): string {
    // A plan that is made has a class here.
    const plan = type!.to as ClassPlan
    return this.fused ? 'v === undefined || v instanceof Object' : `nested${this.functionsOf(plan)}(v)`
  }

  #checks(plan: ClassPlan, k: number): string {
    const cls = this.#bind(plan.cls)
    const properties = plan.properties.map(
      property => `  v = o${member(property.name)}\n${this.#judge(property, 'return false')}`,
    )
    return `
function check${k}(o) {
  let v
${plan.properties.length === 0 ? '  return false' : properties.join('\n')}
  return true
}
function nested${k}(v) {
  if (v === undefined) return true
  if (Array.isArray(v)) {
    for (let i = 0; i < v.length; i++) if (!nested${k}(v[i])) return false
    return true
  }
  if (v instanceof Set || v instanceof Map) {
    for (const item of v.values()) if (!nested${k}(item)) return false
    return true
  }
  if (!(v instanceof Object)) return false
  if (v.constructor !== ${cls}) throw ${this.#bind(foreign)}(v)
  return check${k}(v)
}
`
  }
}

/** What makes instances: the class, or a constructor that sets its fields in one go. */
function makerOf(cls: string, plan: ClassPlan, k: number): string {
  const fields = declaredFields(plan.cls)
  if (!fields) return `const Maker${k} = ${cls}`
  return `function Maker${k}() { ${fields.map(name => `this${member(name)} = undefined`).join('; ')} }
Maker${k}.prototype = ${cls}.prototype`
}

/** Names come from the author's class, and still are no code. */
function member(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
}

/** How many values an object of a class holds at most, itself included; what is within those is counted where it is. */
export function costOf(plan: ClassPlan): number {
  return 1 + plan.properties.length
}
