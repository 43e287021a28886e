import type {IncomingMessage} from 'node:http'
import type {Exposition} from '../telemetry/exposition.js'
import {refusalOf} from './response.js'

/** `GET /_candy/metrics`, for those who may. */
export async function metricsResponse(
  access: (incoming: IncomingMessage) => 401 | 403 | undefined,
  exposition: Exposition,
  incoming: IncomingMessage,
): Promise<Response> {
  const refused = access(incoming)
  if (refused === 401) return refusalOf(401, {headers: {'WWW-Authenticate': 'Bearer'}})
  if (refused) return refusalOf(refused)
  return new Response(await exposition.write(), {
    headers: {'Content-Type': exposition.contentType, 'Cache-Control': 'no-store'},
  })
}
