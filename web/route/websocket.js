// The same echo as controllers/echo.ts, as a function.
Candy.Route.ws(
  '/functional/echo',
  Candy => {
    Candy.ws.send({type: 'welcome', message: 'Connected!'})

    Candy.ws.on('message', data => {
      Candy.ws.send({type: 'echo', data})
    })
  },
  {token: false},
)

// A game room, as the seed of this project writes it; `lobby-hours` is web/middleware/lobby-hours.js.
Candy.Route.use('lobby-hours').ws('/game', Candy => {
  const roomId = Candy.Request.data.url.room || 'lobby'

  Candy.ws.join(roomId)

  Candy.ws.on('message', data => {
    Candy.ws.to(roomId).send({
      type: 'chat',
      message: data.message,
    })
  })

  Candy.ws.on('close', () => {
    Candy.ws.leave(roomId)
  })
})
