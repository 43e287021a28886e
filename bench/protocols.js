// How the peers are spoken to. The fields are the same; the envelope is what each peer's users have.
const text = 'a text of about forty characters, as it is'

const fields = (n, said, more) => ({id: n, user: 'ada', text: said, ts: 1_700_000_000_000, ...more})

/** `{type, ref, ...fields}` is answered with `{type: 'reply', ref, data}`. */
const plain = {
  path: '/room/7',
  order: (n = 7, said = text, more = {}) => JSON.stringify({type: 'order', ref: n, ...fields(n, said, more)}),
  say: said => JSON.stringify({type: 'say', text: said}),
  reply: (n, data) => ({type: 'reply', ref: n, data}),
  said: said => ({type: 'said', text: said}),
  read: JSON.parse,
}

/** Nest's WsAdapter: `{event, data}` both ways. */
const nest = {
  path: '/',
  order: (n = 7, said = text, more = {}) => JSON.stringify({event: 'order', data: fields(n, said, more)}),
  say: said => JSON.stringify({event: 'say', data: {text: said}}),
  reply: (n, data) => ({event: 'order', data}),
  said: said => ({event: 'said', data: {text: said}}),
  read: JSON.parse,
}

/** An event with an acknowledgement, which is Socket.IO's request and reply. */
const socketio = {
  path: '/socket.io/?EIO=4&transport=websocket',
  socketio: true,
  order: (n = 7, said = text, more = {}) => `42${n}${JSON.stringify(['order', fields(n, said, more)])}`,
  say: said => `42${JSON.stringify(['say', {text: said}])}`,
  reply: (n, data) => ({packet: `43${n}`, data: [data]}),
  said: said => ({packet: '42', data: ['said', {text: said}]}),
  read(frame) {
    const [, packet, data] = /^(\d+)(.*)$/s.exec(frame)
    return {packet, data: JSON.parse(data)}
  },
}

export const protocols = {plain, nest, socketio}
