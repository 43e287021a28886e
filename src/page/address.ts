import type {DescribedRoute} from '../describe/description.js'

type Named = Pick<DescribedRoute, 'kind' | 'path'>

/** What tells a route from all others. */
export const nameOf = ({kind, path}: Named): string => `${kind}${path}`

/** The link to a route in this page. */
export const linkTo = (route: Named): string => `#${encodeURI(nameOf(route))}`

/** The name of the route that an address asks for; `''` for none. */
export function namedBy(hash: string): string {
  try {
    return decodeURI(hash.replace(/^#/, ''))
  } catch {
    return hash
  }
}

/** Where the app's routes begin: the page lies one folder below. */
export const appUrl = (path: string): URL => new URL(`.${path}`, new URL('..', document.baseURI))

/** A part of a path: text that stands, or a parameter. */
export interface PathPart {
  readonly text: string
  readonly param: string | undefined
}

/** `/room/{id}/x` as `/room/`, the parameter `id`, and `/x`. */
export function partsOf(path: string): PathPart[] {
  return path
    .split(/(\{\w+\})/)
    .filter(text => text !== '')
    .map(text => ({text, param: /^\{(\w+)\}$/.exec(text)?.[1]}))
}
