/** Where somebody types, to be found again once what they type into has been made anew. */
export interface Focus {
  restore(): void
}

/** @returns `undefined` if the focus is elsewhere */
export function focusIn(within: HTMLElement): Focus | undefined {
  const focused = document.activeElement
  if (!(focused instanceof HTMLElement) || !within.contains(focused)) return undefined
  const place = placeOf(focused)
  const range = isText(focused) ? ([focused.selectionStart, focused.selectionEnd] as const) : undefined
  return {
    restore() {
      const same = [...within.querySelectorAll<HTMLElement>(focused.tagName)].find(
        element => element === focused || placeOf(element) === place,
      )
      same?.focus()
      if (same && isText(same) && range) same.setSelectionRange(...range)
    },
  }
}

const isText = (element: HTMLElement): element is HTMLInputElement | HTMLTextAreaElement =>
  element instanceof HTMLTextAreaElement || (element instanceof HTMLInputElement && element.type === 'text')

/** The names of the card and the fields around an element, and its own. */
function placeOf(element: Element): string {
  const names = [element.getAttribute('aria-label') ?? '']
  for (let around = element.closest('.field, .card'); around; around = outer(around))
    names.unshift(around.querySelector('.name, summary code')?.textContent ?? '')
  return JSON.stringify(names)
}

const outer = (element: Element) => element.parentElement?.closest('.field, .card') ?? null
