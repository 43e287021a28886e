// A room whose name begins with "closed" is closed, so that the page has a refusal to show: 4003 Forbidden.
module.exports = Candy => {
  const room = Candy.Request.data.url.room || 'lobby'
  return !room.startsWith('closed')
}
