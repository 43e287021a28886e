// The room in a terminal: `npm run chat -- Ada lobby`, beside `npm start`.
import {createInterface} from 'node:readline/promises'
import {createClient, RequestError} from 'candy-ws/client'
import {WebSocket} from 'ws'
import type {Contract, Said} from './contract.js'

const [name = 'Ada', id = 'lobby', url = 'http://127.0.0.1:3000'] = process.argv.slice(2)

const client = createClient<Contract>({url, WebSocket, headers: {cookie: await logIn(name)}})
const room = client.ws('/room/{id}', {params: {id}})

/** When the last message was said that stands here. */
let last = 0

room.on('welcome', ({people, history}) => {
  console.log(`In ${id}: ${people.map(person => person.name).join(', ')}`)
  // Coming back, what was missed.
  for (const said of history) if (said.at > last) tell(said)
})
room.on('said', tell)
room.on('joined', ({person}) => console.log(`${person.name} came in`))
room.on('left', ({person}) => console.log(`${person.name} left`))
room.on('state', (state, why) => {
  console.log(why ? `${state}: ${why.code} ${why.reason}` : state)
  if (state === 'closed') process.exit(why?.code === 1000 ? 0 : 1)
})

for await (const text of createInterface({input: process.stdin})) {
  try {
    await room.request('say', {text})
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    console.log(`Not said: ${whyNot(error)}`)
  }
}
room.close()

/** Of a message that is not valid, the words of the rule. */
function whyNot({message, details}: RequestError): string {
  const [fault] = Array.isArray(details) ? (details as {message: string}[]) : []
  return fault?.message ?? message
}

function tell({from, text, at}: Said): void {
  last = at
  console.log(`${from.name}: ${text}`)
}

/** As a page does it: a token with its cookie, and then the login's. */
async function logIn(name: string): Promise<string> {
  const visit = await fetch(`${url}/_candy/token`)
  const {token} = (await visit.json()) as {token: string}
  const login = await fetch(`${url}/login`, {
    method: 'POST',
    headers: {'content-type': 'application/json', 'x-candy-token': token, cookie: cookies(visit)},
    body: JSON.stringify({name}),
  })
  if (!login.ok) throw new Error(`No login: ${login.status} ${await login.text()}`)
  return cookies(login)
}

function cookies(response: Response): string {
  return response.headers
    .getSetCookie()
    .map(cookie => cookie.split(';')[0])
    .join('; ')
}
