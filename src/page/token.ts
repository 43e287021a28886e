/**
 * A CSRF token of this browser's session, which begins with the first.
 *
 * @throws Error in words for who reads the page
 */
export async function fetchToken(): Promise<string> {
  const response = await ask()
  if (!response.ok) throw new Error(`No token: the server answered ${response.status}.`)
  const {token} = (await response.json()) as {token: string}
  return token
}

async function ask(): Promise<Response> {
  try {
    return await fetch('token')
  } catch (error) {
    throw new Error('No token: the server does not answer.', {cause: error})
  }
}
