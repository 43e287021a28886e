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

// What is sent to one user; web/route/www.js has the form that does.
Candy.Route.ws('/notifications', async Candy => {
  const user = await Candy.Auth.user()
  if (!user) {
    Candy.ws.close(4001, 'Unauthorized')
    return
  }

  Candy.ws.data.userId = user.id
  Candy.ws.join(`user-${user.id}`)
})

// A game room; `open-rooms` is web/middleware/open-rooms.js.
Candy.Route.use('open-rooms').ws('/game', Candy => {
  // Rooms are the app's: without a prefix of its own, ?room=user-7 would hear what is sent to user 7.
  const roomId = `game-${Candy.Request.data.url.room || 'lobby'}`

  Candy.ws.join(roomId)

  Candy.ws.on('message', data => {
    if (typeof data?.message !== 'string') return
    Candy.ws.to(roomId).send({
      type: 'chat',
      message: data.message.slice(0, 200),
    })
  })

  Candy.ws.on('close', () => {
    Candy.ws.leave(roomId)
  })
})
