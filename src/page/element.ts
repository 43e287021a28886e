export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>
export type Child = Node | string | false | undefined

/**
 * An element with attributes and children. A string becomes text, never markup; `false` and `undefined` are left out, and
 * `true` is an attribute without a value.
 */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false)
      element.setAttribute(name, value === true ? '' : String(value))
  element.append(...children.filter(child => child !== undefined && child !== false))
  return element
}

/** A button that does something at once, and sends no form. */
export function button(
  words: string,
  pressed: () => void,
  attributes: Attributes = {},
  ...more: readonly Child[]
): HTMLButtonElement {
  const element = make('button', {type: 'button', ...attributes}, words, ...more)
  element.addEventListener('click', pressed)
  return element
}

/** A button that is a cross to those who see it, and words to those who do not. */
export function cross(words: string, pressed: () => void): HTMLButtonElement {
  return button('', pressed, {class: 'cross', title: words}, unseen(words))
}

/** Text as it is, which the keyboard can scroll. */
export function verbatim(name: string, ...text: readonly Child[]): HTMLPreElement {
  return make('pre', {tabindex: 0, role: 'group', 'aria-label': name}, ...text)
}

/** For those who hear the page, and do not see it. */
export const unseen = (words: string): HTMLElement => make('span', {class: 'unseen'}, words)

let ids = 0
/** An id that no other element has. */
export const freshId = (): string => `n${++ids}`

/** Words in which what stands between backticks is code. */
export function prose(words: string): Node[] {
  return words
    .split('`')
    .map((part, n) => (n % 2 === 1 ? make('code', {}, part) : document.createTextNode(part)))
}

/** Puts new parts in, unless they say what the old ones said: what is looked at or focused there stays. */
export function replace(within: HTMLElement, ...parts: readonly (HTMLElement | undefined)[]): void {
  const next = make('div', {}, ...parts)
  if (next.innerHTML !== within.innerHTML) within.replaceChildren(...next.childNodes)
}
