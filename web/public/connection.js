// What a page needs of Candy, over plain fetch and a plain WebSocket. Candy's browser client will do this and more.

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

// A refusal comes after the handshake, so that its code can be read: only what lasted was well.
const wellAfter = 5_000

// The server meant it: trying again would change nothing.
const final = new Set([1000, 1002, 1003, 1007, 1008, 1009, 4000, 4001, 4003])

/**
 * A WebSocket that comes back when it breaks: at once with a fresh token after 4002, else after a while that doubles up to
 * half a minute, with chance in it, so that those who were cut off together do not come back together.
 *
 * @param onState told 'connecting', 'open', 'reconnecting', 'refused' or 'closed', and why: a close code and its reason
 * @param onMessage told each message, parsed
 */
export function connect(path, {onState, onMessage}) {
  let socket
  let timer
  let failures = 0
  let lastCode
  let openedAt
  let waiting = false
  let stopped = false

  async function open() {
    try {
      const protocols = ['candy.v1', `candy-token-${await token()}`]
      if (stopped) return
      const url = new URL(path, location.href)
      url.protocol = url.protocol.replace('http', 'ws')
      socket = new WebSocket(url, protocols)
    } catch {
      // Without a server there is no token either.
      if (!stopped) closed({code: 1006, reason: ''})
      return
    }
    socket.addEventListener('open', () => {
      openedAt = Date.now()
      waiting = false
      onState('open')
    })
    socket.addEventListener('message', ({data}) => {
      if (!stopped) onMessage(JSON.parse(data))
    })
    socket.addEventListener('close', event => {
      if (!stopped) closed(event)
    })
  }

  function closed({code, reason}) {
    if (Date.now() - openedAt > wellAfter) {
      failures = 0
      lastCode = undefined
    }
    openedAt = undefined
    const why = `${code} ${reason || (code === 1006 ? 'Connection lost' : '')}`.trim()
    if (code === 1000) return onState('closed', why, code)
    if (final.has(code) || (code === 4002 && lastCode === 4002)) return onState('refused', why, code)
    // Why it broke says more than why the third try failed.
    if (!waiting) onState('reconnecting', why, code)
    waiting = true
    const longest = Math.min(30_000, 1_000 * 2 ** failures)
    timer = setTimeout(open, code === 4002 ? 0 : Math.random() * longest)
    failures += 1
    lastCode = code
  }

  onState('connecting')
  void open()
  return {
    /** @returns whether it was open, and the message is on its way */
    send(message) {
      if (socket?.readyState !== WebSocket.OPEN) return false
      socket.send(JSON.stringify(message))
      return true
    },
    stop() {
      stopped = true
      clearTimeout(timer)
      socket?.close()
    },
  }
}
