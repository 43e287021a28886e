// How the peers are spoken to. The fields are the same; the envelope is what each peer's users have.
const text = 'a text of about forty characters, as it is'

const order = (n, said) => ({id: n, user: 'ada', text: said, ts: 1_700_000_000_000})

/** `{type, ref, ...fields}` is answered with `{type: 'reply', ref, data}`. */
const plain = {
  path: '/room/7',
  order: (n = 7, said = text) => JSON.stringify({type: 'order', ref: n, ...order(n, said)}),
  say: said => JSON.stringify({type: 'say', text: said}),
}

/** Nest's WsAdapter: `{event, data}` both ways. */
const nest = {
  path: '/',
  order: (n = 7, said = text) => JSON.stringify({event: 'order', data: order(n, said)}),
  say: said => JSON.stringify({event: 'say', data: {text: said}}),
}

/** An event with an acknowledgement, which is Socket.IO's request and reply. */
const socketio = {
  path: '/socket.io/?EIO=4&transport=websocket',
  socketio: true,
  order: (n = 7, said = text) => `42${n}${JSON.stringify(['order', order(n, said)])}`,
  say: said => `42${JSON.stringify(['say', {text: said}])}`,
}

export const protocols = {plain, nest, socketio}
