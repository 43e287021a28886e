/** What is asked of a socket where there is none. */
export function noSocket(member: string): Error {
  return new Error(
    `Candy.ws.${member}() in an HTTP route: there is no WebSocket. Reach those connected with Candy.ws.to(), broadcast() or Candy.Route.wsServer`,
  )
}
