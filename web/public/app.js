// A plain WebSocket needs two things from Candy: the subprotocol `candy.v1`, so that a browser can read why it was
// refused, and a token, which /_candy/token gives together with the session cookie.
async function connect(path) {
  const {token} = await (await fetch('/_candy/token')).json()
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:'
  return new WebSocket(`${scheme}//${location.host}${path}`, ['candy.v1', `candy-token-${token}`])
}

// One panel: a form that opens, a log, a form that sends, and the state of the connection, always in sight.
function panel(element, {opens, hears, sends}) {
  const [open, send] = [element.querySelector('.open'), element.querySelector('.send')]
  const [log, state] = [element.querySelector('.log'), element.querySelector('.state')]
  let socket

  const show = (name, text = name) => {
    state.dataset.state = name
    state.textContent = text
    for (const control of send.elements) control.disabled = name !== 'open'
  }
  const write = (className, ...parts) => {
    const line = document.createElement('li')
    line.className = className
    line.append(...parts)
    log.append(line)
    log.scrollTop = log.scrollHeight
  }

  open.addEventListener('submit', async event => {
    event.preventDefault()
    socket?.close()
    log.replaceChildren()
    show('connecting')
    const fields = Object.fromEntries(new FormData(open))
    const mine = (socket = await connect(opens(fields)))
    mine.addEventListener('open', () => {
      show('open')
      hears({type: 'candy:open'}, {write, fields, send: data => mine.send(JSON.stringify(data))})
    })
    mine.addEventListener('message', ({data}) => hears(data, {write, fields}))
    mine.addEventListener('close', ({code, reason}) => {
      if (mine !== socket) return
      show(
        code === 1000 ? 'closed' : 'refused',
        code === 1006 ? 'refused: no such route' : `${code} ${reason}`,
      )
    })
  })

  send.addEventListener('submit', event => {
    event.preventDefault()
    const field = send.elements.text
    if (field.value === '') return
    const text = sends(field.value)
    socket.send(text)
    if (text === field.value) write('sent', text)
    else field.value = ''
    field.focus()
  })
}

const bold = text => Object.assign(document.createElement('b'), {textContent: text})

panel(document.querySelector('.room'), {
  opens: ({room}) => `/room/${encodeURIComponent(room)}`,
  sends: text => JSON.stringify({type: 'say', text}),
  hears(data, {write, fields, send}) {
    if (data.type === 'candy:open') return send({type: 'name', name: fields.name})
    const message = JSON.parse(data)
    const said = entry => write('', bold(entry.name), `  ${entry.text}`)
    if (message.type === 'history') message.entries.forEach(said)
    if (message.type === 'said') said(message)
    if (message.type === 'joined') write('note', `${message.name} joined`)
    if (message.type === 'left') write('note', `${message.name} left`)
  },
})

panel(document.querySelector('.wire'), {
  opens: ({path}) => path,
  sends: text => text,
  hears(data, {write}) {
    if (typeof data === 'string') write('heard', data)
  },
})
