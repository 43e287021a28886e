// A game room has a short name of letters and digits. One that begins with "closed" is closed, so that the page has a
// refusal to show: 4003 Forbidden.
module.exports = Candy => {
  const room = Candy.Request.data.url.room || 'lobby'
  return /^[\w-]{1,60}$/.test(room) && !room.startsWith('closed')
}
