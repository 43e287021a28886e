// Rooms whose name begins with "closed" are closed: the client sees 4003 Forbidden.
module.exports = Candy => {
  const room = Candy.Request.data.url.room || 'lobby'
  return !room.startsWith('closed')
}
