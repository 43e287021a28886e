import type {DescribedRoute} from '../describe/description.js'
import {make, prose} from './element.js'
import {explainGuards, explainOptions, type Explained} from './guards.js'
import {pathWithParams} from './path.js'

const kinds = {
  ws: 'WebSocket',
  page: 'Page',
  get: 'HTTP GET',
  post: 'HTTP POST',
} as const

/** Which route it is, and where it is written. */
export function routeHead({kind, path, handler, source}: DescribedRoute): HTMLElement {
  return make(
    'header',
    {class: 'route-head'},
    make('h1', {tabindex: -1}, ...pathWithParams(path)),
    make(
      'p',
      {class: 'soft'},
      kinds[kind],
      handler !== 'anonymous' && make('span', {}, handler),
      make('code', {}, source),
    ),
  )
}

/** What stands between a client and the handler, in plain words. */
export function guardsPart(route: DescribedRoute): HTMLElement {
  const guards = explainGuards(route)
  const options = explainOptions(route)
  return make(
    'section',
    {class: 'guards'},
    make('h2', {}, 'Asks for'),
    guards.length > 0 ? list(guards) : make('p', {class: 'soft'}, 'Nothing: it is open to everybody.'),
    options.length > 0 && make('h2', {}, 'Options'),
    options.length > 0 && list(options),
  )
}

function list(all: readonly Explained[]): HTMLElement {
  return make(
    'dl',
    {},
    ...all.flatMap(({term, words}) => [
      make('dt', {}, make('code', {}, term)),
      make('dd', {}, ...prose(words)),
    ]),
  )
}
