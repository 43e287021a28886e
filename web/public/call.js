/** A CSRF token for this browser's session. The first one begins the session, whose cookie comes along. */
async function token() {
  const response = await fetch('/_candy/token')
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()).token
}

/** Asks an HTTP route, with the token it wants: POST if there are fields, else GET. */
export async function call(path, fields) {
  const response = await fetch(path, {
    method: fields ? 'POST' : 'GET',
    headers: {'x-candy-token': await token(), ...(fields && {'content-type': 'application/json'})},
    body: fields && JSON.stringify(fields),
  })
  const isJson = response.headers.get('content-type')?.startsWith('application/json')
  const answer = isJson ? await response.json() : {message: await response.text()}
  if (!response.ok) throw new Error(answer.message)
  return answer
}
