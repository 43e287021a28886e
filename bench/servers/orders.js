/** Nineteen events more than the one that is sent, as a server has them: no dispatch over a table of one. */
export const others = [
  'cancel',
  'change',
  'confirm',
  'list',
  'pay',
  'refund',
  'ship',
  'track',
  'deliver',
  'return',
  'rate',
  'comment',
  'watch',
  'unwatch',
  'reserve',
  'release',
  'quote',
  'discount',
  'archive',
]

/** What an order is answered with. */
export function accept({id, text, ts}) {
  return {id, accepted: true, length: text.length, ts}
}
