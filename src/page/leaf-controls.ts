import type {Control} from './control.js'
import {freshId, make} from './element.js'

/** Nothing lies below a leaf. */
const nowhere = () => undefined

/** Text of any length; Enter sends, as in every form, and with Shift it breaks the line. */
export function textControl(): Control {
  const input = make('textarea', {
    id: freshId(),
    rows: 1,
    class: 'line',
    autocomplete: 'off',
    spellcheck: 'false',
  })
  input.addEventListener('keydown', event => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    input.form?.requestSubmit()
  })
  return {
    element: input,
    input,
    value: () => input.value,
    fill: value => (input.value = typeof value === 'string' ? value : JSON.stringify(value)),
    find: nowhere,
  }
}

/** A number; what is none is sent as the text that it is. */
export function numberControl(): Control {
  const input = make('input', {id: freshId(), inputmode: 'decimal', autocomplete: 'off', class: 'number'})
  return {
    element: input,
    input,
    value: () => {
      const number = Number(input.value)
      return input.value.trim() !== '' && Number.isFinite(number) ? number : input.value
    },
    fill: value => (input.value = typeof value === 'string' ? value : JSON.stringify(value)),
    find: nowhere,
  }
}

export function booleanControl(): Control {
  const input = make('input', {id: freshId(), type: 'checkbox'})
  const word = make('span', {'aria-hidden': 'true'}, 'false')
  const tell = () => (word.textContent = String(input.checked))
  input.addEventListener('change', tell)
  return {
    element: make('div', {class: 'yesno'}, input, word),
    input,
    value: () => input.checked,
    fill: value => {
      input.checked = value === true
      tell()
    },
    find: nowhere,
  }
}

/** One of some values, the first unless another is chosen. */
export function choiceControl(values: readonly unknown[]): Control {
  const words = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  const options = values.map((value, n) => make('option', {value: n}, words(value)))
  const input = make('select', {id: freshId()}, ...options)
  return {
    element: input,
    input,
    value: () => values[Number(input.value)],
    fill: value => {
      const found = values.findIndex(each => JSON.stringify(each) === JSON.stringify(value))
      if (found >= 0) input.value = String(found)
    },
    find: nowhere,
  }
}

/** Anything that JSON can say; what is not JSON is sent as the text that it is. */
export function jsonControl(initial: string): Control {
  const input = make('textarea', {
    id: freshId(),
    rows: 2,
    class: 'code',
    spellcheck: 'false',
    autocomplete: 'off',
  })
  input.value = initial
  return {
    element: input,
    input,
    value: () => {
      try {
        return JSON.parse(input.value) as unknown
      } catch {
        return input.value
      }
    },
    fill: value => (input.value = JSON.stringify(value, null, 2)),
    find: nowhere,
  }
}
