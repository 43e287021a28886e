import type {Candy} from '../candy.js'
import type {Content, MessageContract} from '../messages/contract.js'
import type {Whitelist} from '../messages/rules.js'
import {middlewareName, type RouteDefinition} from '../routing/route.js'
import type {DescribedRoute, Description, Shape} from './description.js'
import {Schemas} from './schemas.js'

/** A route, and what it says of its messages. */
export interface Describable {
  readonly route: RouteDefinition<Candy>
  readonly whitelist: Whitelist
  /** `undefined` where it is not known. */
  readonly contract: MessageContract | undefined
}

/** Writes an app down as data. The same app gives the same data, on every machine. */
export function describe(
  routes: readonly Describable[],
  {title, version}: Pick<Description, 'title' | 'version'>,
): Description {
  const schemas = new Schemas()
  const sorted = routes.toSorted((a, b) => byPathAndKind(a.route, b.route))
  return {title, version, routes: sorted.map(one => describeRoute(one, schemas)), schemas: schemas.all}
}

function describeRoute({route, whitelist, contract}: Describable, schemas: Schemas): DescribedRoute {
  const closed = whitelist === 'refuse'
  const shape = (body: Content, groups?: readonly string[]): Shape =>
    typeof body === 'string' ? {is: body} : {is: 'class', schema: schemas.add(body, {groups, closed})}
  const messages = contract && {
    takes: contract.takes.map(({form, type = null, body, groups, reply, auth, use}) => ({
      form,
      type,
      body: shape(body, groups),
      reply: reply === undefined ? null : shape(reply),
      auth,
      use,
    })),
    sends: contract.sends.map(({type, body}) => ({type, body: shape(body)})),
  }
  return {...printable(route), messages: messages ?? null}
}

/** A route as data that any program can read. */
export function printable({
  kind,
  path,
  params,
  token,
  auth,
  use,
  options,
  handler,
  source,
}: RouteDefinition<Candy>): Omit<DescribedRoute, 'messages'> {
  return {
    kind,
    path,
    params,
    token,
    auth,
    use: use.map(middlewareName),
    options,
    handler: handler.name || 'anonymous',
    source,
  }
}

export function byPathAndKind(a: {path: string; kind: string}, b: {path: string; kind: string}): number {
  return compare(a.path, b.path) || compare(a.kind, b.kind)
}

/** By code unit: the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
