import {partsOf} from './address.js'
import {make} from './element.js'

/** A path whose parameters can be told from the rest. */
export function pathWithParams(path: string): Node[] {
  return partsOf(path).map(({text, param}) =>
    param === undefined ? document.createTextNode(text) : make('span', {class: 'param'}, text),
  )
}
