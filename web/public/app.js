import {call} from './call.js'

const $ = selector => document.querySelector(selector)

// ---- Two views: the login, and the app with its connections ----

let connections = []

function showLogin({notice = '', problem = ''} = {}) {
  for (const connection of connections.splice(0)) connection.close()
  show({login: true})
  $('#login-notice').textContent = notice
  $('#login-error').textContent = problem
  $('#name').focus()
}

function showApp(me) {
  show({login: false})
  $('#me').textContent = me.name
  connections = [room(me), notifications(), game(me), frames()]
  // On a phone the page would scroll, and the room's name would go.
  $('#text').focus({preventScroll: true})
}

function show({login}) {
  $('#login').hidden = !login
  for (const part of document.querySelectorAll('.in')) part.hidden = login
}

$('#login form').onsubmit = async event => {
  event.preventDefault()
  try {
    const {user} = await call('/login', {name: $('#name').value})
    showApp(user)
  } catch (error) {
    showLogin({problem: reason(error)})
  }
}

// The server closes this browser's sockets with 4001, which shows the login, in every tab.
$('#logout').onclick = async () => {
  try {
    await call('/logout', {})
  } catch (error) {
    $('#say-error').textContent = `Not logged out: ${reason(error)}`
  }
}

/** fetch() fails with a TypeError where there is nobody to answer. */
const reason = error => (error instanceof TypeError ? 'The server does not answer.' : error.message)

// ---- What all connections share ----

/**
 * A socket of Candy's client, which /_candy/client.js brings: it gets a token for each connection, and comes back by itself.
 *
 * @param on told each message, and the state: 'connecting', 'open', 'reconnecting', 'refused' or 'closed'
 */
function connect(path, {onState, onMessage}, options) {
  const ws = Candy.ws(path, options)
  onState('connecting')
  ws.on('state', (state, why) => {
    if (state === 'closed' && why.code === 4001) return showLogin({notice: 'You are logged out.'})
    onState(state === 'closed' && why.code !== 1000 ? 'refused' : state, why)
  })
  ws.on('message', onMessage)
  return ws
}

const words = ({code, reason}) => `${code} ${reason || (code === 1006 ? 'Connection lost' : '')}`.trim()

/** The state of a connection, in words, always in sight. */
function showState(id) {
  return (state, why) => {
    const element = document.getElementById(id)
    element.dataset.state = state
    const reason = why && why.code !== 1000 ? ` (${words(why)})` : ''
    element.replaceChildren(state, make('span', 'why', reason))
  }
}

/** An element with text in it, and never markup. */
function make(tag, className, ...content) {
  const element = document.createElement(tag)
  if (className) element.className = className
  element.append(...content)
  return element
}

const clock = at => {
  const time = make('time', '', new Date(at).toLocaleTimeString([], {hour: '2-digit', minute: '2-digit'}))
  time.dateTime = new Date(at).toISOString()
  return time
}

/** Who has which of twelve colours: their id asks for one, but nobody looks like somebody else while it can be helped. */
const colours = new Map()
function colourOf(id) {
  if (colours.has(id)) return colours.get(id)
  const taken = new Set(colours.values())
  const isFree = colour => !taken.has(colour)
  const standsOut = colour => [colour, colour + 1, colour + 11].every(near => isFree(near % 12))
  const asked = parseInt(id.slice(0, 4), 16) % 12
  // Five steps at a time lead to each of twelve colours once, and never to one like the last.
  const choice = Array.from({length: 12}, (_, n) => (asked + 5 * n) % 12)
  colours.set(id, choice.find(standsOut) ?? choice.find(isFree) ?? asked)
  return colours.get(id)
}

/** The first letter of a name, in a colour of the person's own; it says nothing that the name does not. */
function face({id, name}) {
  const element = make('span', 'face', [...name][0].toUpperCase())
  element.style.setProperty('--hue', colourOf(id) * 30)
  element.ariaHidden = 'true'
  return element
}

/** For screen readers, at most one announcement a second, however much is said. */
let unspoken = []
function speak(text) {
  if (unspoken.push(text) > 1) return
  setTimeout(() => {
    $('#spoken').textContent = unspoken.length > 3 ? `${unspoken.length} new messages` : unspoken.join('. ')
    unspoken = []
  }, 1_000)
}

// ---- The room: controllers/room.ts ----

/** The address of the page may ask for any room; the form for it says what is a name. */
const isRoomName = name => new RegExp(`^(?:${$('#room-name').pattern})$`, 'u').test(name)

function room(me) {
  const name = new URLSearchParams(location.search).get('room') || 'lobby'
  const form = $('#say')
  const [list, silence, text, error] = [$('#log ol'), $('#silence'), $('#text'), $('#say-error')]
  const people = new Map()
  const typing = new Map()
  let lastAuthor
  let toldTyping = 0

  const show = showState('room-state')
  $('#room-title').textContent = name
  error.textContent = ''
  if (!isRoomName(name)) {
    error.textContent = 'A room name has up to 30 letters, digits, spaces, _ or -.'
    show('closed')
    return {close() {}}
  }

  /** Two people may have one name: the head of the id tells them apart. */
  const label = ({id, name}) => {
    const shared = [...people.values()].some(other => other.name === name && other.id !== id)
    return shared ? `${name} (${id.slice(0, 4)})` : name
  }

  function note(text) {
    lastAuthor = undefined
    list.append(make('li', 'note', text))
  }

  function message({from, text, at}) {
    const item = make('li', 'message')
    if (from.id !== lastAuthor)
      item.append(face(from), make('p', 'by', make('b', '', label(from)), clock(at)))
    item.append(make('p', 'words', text))
    lastAuthor = from.id
    list.append(item)
    silence.hidden = true
  }

  function showPeople() {
    const entries = [...people.values()].map(person =>
      make('li', '', face(person), label(person) + (person.id === me.id ? ' (you)' : '')),
    )
    $('#people').replaceChildren(...entries)
  }

  function stopTyping({id}) {
    clearTimeout(typing.get(id)?.timer)
    typing.delete(id)
    showTyping()
  }

  function showTyping() {
    const names = [...typing.values()].map(({person}) => label(person))
    const who = new Intl.ListFormat('en').format(names)
    $('#typing').textContent = names.length > 0 ? `${who} ${names.length > 1 ? 'are' : 'is'} typing` : ''
  }

  const hear = {
    /** The first of each connection: what was said before, and who is here. */
    welcome(welcome) {
      list.replaceChildren()
      people.clear()
      lastAuthor = undefined
      for (const person of welcome.people) people.set(person.id, person)
      showPeople()
      for (const entry of welcome.history) message(entry)
      silence.hidden = welcome.history.length > 0
    },
    joined({person}) {
      people.set(person.id, person)
      showPeople()
      note(`${label(person)} joined`)
      speak(`${label(person)} joined`)
    },
    left({person}) {
      note(`${label(person)} left`)
      speak(`${label(person)} left`)
      people.delete(person.id)
      stopTyping(person)
      showPeople()
    },
    said(entry) {
      message(entry)
      stopTyping(entry.from)
      if (entry.from.id !== me.id) speak(`${label(entry.from)}: ${entry.text}`)
    },
    /** It expires by itself: a window that goes while its person types says nothing more. */
    typing({person}) {
      stopTyping(person)
      typing.set(person.id, {person, timer: setTimeout(() => stopTyping(person), 3_000)})
      showTyping()
    },
  }

  const connection = connect(`/room/${encodeURIComponent(name)}`, {
    onState(...state) {
      show(...state)
      form.querySelector('button').disabled = state[0] !== 'open'
    },
    onMessage: data => hear[data.type]?.(data),
  })

  form.onsubmit = async event => {
    event.preventDefault()
    const words = text.value
    if (words.trim() === '' || !connection.connected) return
    form.reset()
    error.textContent = ''
    toldTyping = 0
    try {
      await connection.request('say', {text: words})
    } catch ({message, details}) {
      // What refuses a message says why, in the words of its class.
      error.textContent = `Not sent: ${details?.[0].message ?? message}.`
      text.value ||= words
    }
  }

  text.oninput = () => {
    if (text.value === '' || Date.now() - toldTyping < 1_500) return
    toldTyping = Date.now()
    connection.send({type: 'typing'})
  }

  return connection
}

// ---- Notifications: /notifications in web/route/websocket.js, sent by web/route/www.js ----

/** As in style.css. */
const phone = matchMedia('(max-width: 40rem)')

function notifications() {
  const received = $('#received')
  received.replaceChildren()

  // What concerns the person, and not this tab: all their tabs share one connection.
  return connect('/notifications', {onState: showState('notifications-state'), onMessage}, {shared: true})

  function onMessage({type, message: {from, text}}) {
    if (type !== 'notification') return
    received.prepend(
      make('li', '', make('p', 'by', make('b', '', from), clock(Date.now())), make('p', '', text)),
    )
    const dismiss = make('button', 'quiet', 'Dismiss')
    dismiss.type = 'button'
    const toast = make(
      'div',
      'toast',
      make('p', '', make('b', '', `From ${from}`), make('span', '', text)),
      dismiss,
    )
    dismiss.onclick = () => {
      toast.remove()
      $('#text').focus()
    }
    const toasts = $('#toasts')
    toasts.append(toast)
    // Older ones are in the list.
    while (toasts.children.length > (phone.matches ? 1 : 3)) toasts.firstChild.remove()
  }
}

document.addEventListener('keydown', event => {
  if (event.key === 'Escape') $('#toasts').replaceChildren()
})

// ---- The game room: /game in web/route/websocket.js ----

function game(me) {
  const [form, moves] = [$('#game'), $('#moves')]
  const show = showState('game-state')
  let connection

  function enter() {
    connection?.close()
    moves.replaceChildren()
    connection = connect(`/game?room=${form.elements.room.value}`, {
      onState(state, why) {
        show(state, why)
        form.querySelector('button').disabled = state !== 'open'
        if (why?.code === 4003) moves.replaceChildren(make('li', '', `This room is closed (${words(why)}).`))
      },
      onMessage({message}) {
        moves.prepend(make('li', '', message))
        while (moves.children.length > 5) moves.lastChild.remove()
      },
    })
  }

  form.elements.room.onchange = enter
  form.onsubmit = event => {
    event.preventDefault()
    connection.send({message: `${me.name} rolled ${1 + Math.floor(Math.random() * 6)}`})
  }
  enter()
  return {close: () => connection.close()}
}

// ---- Any route, frame by frame ----

function frames() {
  const [open, send, log] = [$('#raw-open'), $('#raw-send'), $('#frames')]
  const show = showState('raw-state')
  let connection

  const onState = (...state) => {
    show(...state)
    send.querySelector('button').disabled = state[0] !== 'open'
  }
  const write = (direction, data) => {
    log.firstChild.append(make('li', direction, JSON.stringify(data)))
    log.scrollTop = log.scrollHeight
  }
  open.onsubmit = event => {
    event.preventDefault()
    connection?.close()
    log.firstChild.replaceChildren()
    connection = connect(open.elements.path.value, {onState, onMessage: data => write('heard', data)})
  }
  send.onsubmit = event => {
    event.preventDefault()
    const field = send.elements.frame
    try {
      const frame = JSON.parse(field.value)
      if (connection.connected && connection.send(frame)) write('sent', frame)
    } catch (error) {
      field.setCustomValidity(`No JSON: ${error.message}`)
      field.reportValidity()
    }
  }
  send.elements.frame.oninput = event => event.target.setCustomValidity('')
  onState('closed')
  return {close: () => connection?.close()}
}

// ---- Who is it? ----

try {
  const {user} = await call('/me')
  if (user) showApp(user)
  else showLogin()
} catch (error) {
  showLogin({problem: reason(error)})
}
