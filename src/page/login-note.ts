import type {DescribedRoute, PageData} from '../describe/description.js'
import {linkTo} from './address.js'
import {make} from './element.js'

/** Said on a route that asks for a user, while nobody is logged in; with the routes of the app that look like a login. */
export function loginNote({auth, kind}: DescribedRoute, {user, routes}: PageData): HTMLElement | undefined {
  if (!auth || user !== null) return undefined
  const outcome = kind === 'ws' ? 'it will close with 4001' : 'it will answer 401'
  const logins = loginsAmong(routes)
  const links = logins.flatMap((route, n) => [
    ...(n > 0 ? [', '] : []),
    make('a', {href: linkTo(route)}, `${route.kind === 'post' ? 'POST ' : ''}${route.path}`),
  ])
  return make(
    'p',
    {class: 'notice'},
    make('strong', {}, 'Nobody is logged in'),
    `, and this route asks for somebody: ${outcome}. `,
    ...(logins.length > 0
      ? ['To log in, try ', ...links, '.']
      : ['Log in where your app does so, in this browser; this page will notice.']),
  )
}

/** Routes that look like a login; if none does, all that take a form. */
function loginsAmong(routes: readonly DescribedRoute[]): DescribedRoute[] {
  const http = routes.filter(({kind, auth}) => kind !== 'ws' && !auth)
  const named = http.filter(({path}) => /log-?in|sign-?in|auth|session/i.test(path))
  return named.length > 0 ? named : http.filter(({kind}) => kind === 'post').slice(0, 3)
}
