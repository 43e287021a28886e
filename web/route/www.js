const {randomUUID} = require('node:crypto')
const {html, page, redirect} = require('../html.js')

// Who is asking? `get` and `post` want a CSRF token: a script sends it in `x-candy-token`, a form in `_token`.
Candy.Route.get('/me', async Candy => ({user: await Candy.Auth.user()}))

// The name is what others see, the id is who it is: two people who both say Ada are two users.
Candy.Route.use('rate-limit').post('/login', Candy => {
  const name = line(Candy.Request.data.post.name, 30)
  if (name === '') return Response.json({message: 'A name has one to thirty letters.'}, {status: 400})
  const user = {id: randomUUID(), name}
  Candy.Auth.login(user)
  return {user}
})

// Closes the sockets of this browser with 4001, in every tab.
Candy.Route.use('rate-limit').post('/logout', Candy => Candy.Auth.logout())

// A notification to one user, sent from a plain HTML form that works without JavaScript.
Candy.Route.page('/notify', async Candy => {
  const me = await Candy.Auth.user()
  if (!me) return redirect('/')
  const people = connected()
  const to = Candy.Request.data.get.sent
  const sent = people.find(({id}) => id === to)
  return notifyPage(Candy, {people, me, to, notice: sent && `Sent to ${label(sent, people)}.`})
})

Candy.Route.use('rate-limit').auth.post('/notify', async Candy => {
  const me = await Candy.Auth.user()
  const {to, text} = Candy.Request.data.post
  const people = connected()
  const receiver = people.find(({id}) => id === to)
  const message = line(text, 200)
  const problem =
    (!receiver && 'Not sent: that person has just left.') ||
    (message === '' && 'Not sent: the text is empty.')
  if (problem) return notifyPage(Candy, {people, me, to, notice: problem, text: message}, 422)

  notifyUser(receiver.id, {from: me.name, text: message})
  return redirect(`/notify?sent=${receiver.id}`)
})

// Send notification to specific user from anywhere in your app
function notifyUser(userId, message) {
  const wsServer = Candy.Route.wsServer
  wsServer.toRoom(`user-${userId}`, {
    type: 'notification',
    message,
  })
}

/** Whom a notification reaches now: the users in a `user-<id>` room, each once. */
function connected() {
  const users = new Map()
  for (const {user, rooms} of Candy.Route.wsServer.clients.values())
    if (user && rooms.has(`user-${user.id}`)) users.set(user.id, user)
  return [...users.values()]
}

/** A name; with the head of the id where two people have the same one. */
function label({id, name}, people) {
  const shared = people.some(other => other.name === name && other.id !== id)
  return shared ? `${name} (${id.slice(0, 4)})` : name
}

/** What came is not to be trusted: one line of text, without control characters, and not too long. */
function line(value, maxLength) {
  if (typeof value !== 'string') return ''
  return value
    .normalize()
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, maxLength)
}

function notifyPage(Candy, {people, me, to, notice = '', text = ''}, status) {
  const option = person =>
    html`<option value="${person.id}" ${person.id === to ? 'selected' : ''}>
      ${label(person, people)}${person.id === me.id ? ' (you)' : ''}
    </option>`
  // Without an option of its own, a choice that has left would become the first person in the list.
  const hasLeft = to !== undefined && !people.some(({id}) => id === to)
  const form = html`<form method="post" action="/notify">
    <input type="hidden" name="_token" value="${Candy.token()}" />
    <label
      >To
      <select name="to" required>
        ${hasLeft ? html`<option value="" selected>Choose somebody</option>` : ''}
        ${people.toSorted((a, b) => (a.id === me.id) - (b.id === me.id)).map(option)}
      </select></label
    >
    <label>Text <input name="text" value="${text}" maxlength="200" required autocomplete="off" /></label>
    <button>Send</button>
  </form>`

  return page(
    notice || 'Send a notification',
    html`<h2>Send a notification</h2>
      <p class="lead">
        A plain form over HTTP. It reaches one person, in every window they have open, and nobody else.
      </p>
      ${notice && html`<p class="${status ? 'error' : 'done'}" role="status">${notice}</p>`}
      ${people.length > 0 ? form : html`<p>Nobody is connected right now.</p>`}
      <p class="aside"><a href="/">Back to the room</a></p>`,
    status,
  )
}
