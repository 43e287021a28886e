import {lineage, type Class} from './rules.js'

const helper = /_?defineProperty\(this, "[^"\\]*", void 0\);/
const constructorText = /constructor\([^)]*\) \{([^{}]*)\}/
const onlyDeclares = new RegExp(`^(?:\\s*(?:super\\(\\.\\.\\.\\w+\\);|${helper.source}))*\\s*$`)

/**
 * The fields of a class whose constructor does nothing but declare them, as some compilers write `text!: string`: one
 * `Object.defineProperty` each, which costs ten times what the message costs. Whoever knows that all of it sets
 * `undefined` can set that faster.
 *
 * @returns `undefined` for any other class
 */
export function declaredFields(cls: Class): readonly string[] | undefined {
  const texts = lineage(cls).map(at => Function.prototype.toString.call(at))
  if (!texts.some(text => helper.test(text)) || !texts.every(isPlain)) return undefined
  const sample: object = new (cls as new () => object)()
  if (Reflect.ownKeys(sample).some(key => typeof key === 'symbol')) return undefined
  return Object.values(sample).every(value => value === undefined) ? Object.keys(sample) : undefined
}

/** No code of its own runs for an instance, and none has hidden fields. */
function isPlain(text: string): boolean {
  // Nor is a function that is called for it, as of old and in the language itself.
  if (!text.startsWith('class')) return false
  if (/#|WeakMap|WeakSet|privateField/i.test(text)) return false
  const found = constructorText.exec(text)
  if (!found) return !text.includes('constructor') && !text.includes('=')
  return onlyDeclares.test(found[1]!) && !text.replace(found[0], '').includes('constructor')
}
