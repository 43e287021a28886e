const $ = selector => document.querySelector(selector)
const form = $('form')
const room = new URLSearchParams(location.search).get('room') || 'lobby'
let socket

$('h1').textContent = room
void connect()

async function connect() {
  try {
    // The token shows that a page of this site asks, and no other site's.
    const {token} = await (await fetch('/_candy/token')).json()
    const url = `${location.origin.replace('http', 'ws')}/chat/${encodeURIComponent(room)}`
    socket = new WebSocket(url, ['candy.v1', `candy-token-${token}`])
    socket.addEventListener('open', () => ($('#state').textContent = 'connected'))
    socket.addEventListener('message', ({data}) => hear(JSON.parse(data)))
    socket.addEventListener('close', closed)
  } catch {
    closed({code: 1006, reason: 'No answer'})
  }
}

// The server means it: trying again would change nothing.
const final = new Set([1000, 1002, 1003, 1007, 1008, 1009, 4000, 4001, 4003])

function closed({code, reason}) {
  $('#state').textContent = `${code} ${reason}`
  if (!final.has(code)) setTimeout(connect, 1_000)
}

form.addEventListener('submit', event => {
  event.preventDefault()
  const {name, text} = Object.fromEntries(new FormData(form))
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({type: 'say', name, text, ref: 1}))
})

function hear({type, message = '', details = [], ...said}) {
  if (type === 'said') return show(said)
  for (const field of form.querySelectorAll('input'))
    field.ariaInvalid = String(details.some(({path}) => path === field.name))
  $('#fault').textContent = details.map(fault => fault.message).join('. ') || message
  if (type === 'reply') form.elements.text.value = ''
}

function show({name, text, at}) {
  const item = $('ol').appendChild(document.createElement('li'))
  const [who, when, what] = ['b', 'time', 'p'].map(tag => item.appendChild(document.createElement(tag)))
  who.textContent = name
  when.textContent = new Date(at).toLocaleTimeString([], {timeStyle: 'short'})
  what.textContent = text
  item.scrollIntoView({block: 'nearest'})
}
