const $ = selector => document.querySelector(selector)
const form = $('form')
const room = new URLSearchParams(location.search).get('room') || 'lobby'

$('h1').textContent = room

// Candy's client: it gets a token for each connection, and comes back by itself.
const chat = Candy.ws(`/chat/${encodeURIComponent(room)}`)
chat.on('state', (state, why) => {
  $('#state').textContent = state === 'open' ? 'connected' : `${state}: ${why.code} ${why.reason}`
})
chat.on('message', message => message.type === 'said' && show(message))

form.addEventListener('submit', async event => {
  event.preventDefault()
  try {
    await chat.request('say', Object.fromEntries(new FormData(form)))
    form.elements.text.value = ''
    tell()
  } catch (error) {
    tell(error)
  }
})

/** What is wrong with a message, or nothing. */
function tell({message = '', details = []} = {}) {
  for (const field of form.querySelectorAll('input'))
    field.ariaInvalid = String(details.some(({path}) => path === field.name))
  $('#fault').textContent = details.map(fault => fault.message).join('. ') || message
}

function show({name, text, at}) {
  const item = $('ol').appendChild(document.createElement('li'))
  const [who, when, what] = ['b', 'time', 'p'].map(tag => item.appendChild(document.createElement(tag)))
  who.textContent = name
  when.textContent = new Date(at).toLocaleTimeString([], {timeStyle: 'short'})
  what.textContent = text
  item.scrollIntoView({block: 'nearest'})
}
