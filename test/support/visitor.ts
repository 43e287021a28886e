/** A browser with a session: what it sends with every request. */
export interface Visitor {
  readonly cookie: string
  readonly token: string
  /** Cookie and token, as a script sends them. */
  readonly headers: {readonly cookie: string; readonly 'x-candy-token': string}
}

/** Begins a session at an app, as every page does that wants to connect. */
export async function visitor(url: string): Promise<Visitor> {
  const response = await fetch(`${url}/_candy/token`)
  const {token} = (await response.json()) as {token: string}
  const cookie = cookiesOf(response)
  return {cookie, token, headers: {cookie, 'x-candy-token': token}}
}

/** The cookies that an answer sets, as the next request sends them. */
export function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map(line => line.split(';')[0]!)
    .join('; ')
}
