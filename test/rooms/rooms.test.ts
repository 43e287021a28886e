import {CandyError, type Candy} from 'candy-ws'
import {describe, expect, it} from 'vitest'
import {serve, signal} from '../support/serve-handlers.js'

/** Runs `act` with what a client sends and answers with what it gave, or with the code of what it threw. */
const asking = (act: (candy: Candy, data: never) => unknown) => (Candy: Candy) => {
  Candy.ws.on('message', data => {
    try {
      Candy.ws.send({result: act(Candy, data as never) ?? null})
    } catch (error) {
      Candy.ws.send({threw: error instanceof CandyError ? error.code : (error as Error).name})
    }
  })
}

const joining = (Candy: Candy) => {
  Candy.ws.join(...(Candy.Request.data.get.rooms?.split(',') ?? []))
}

describe('3. Candy.ws.join, leave and rooms', () => {
  it('joins and leaves several at once, and tells them as a Set', async () => {
    const {connect} = await serve(
      asking(({ws}) => {
        ws.join('a', 'b', 'c')
        ws.join('a')
        ws.leave('b', 'never joined')
        return [ws.rooms instanceof Set, [...ws.rooms]]
      }),
    )
    const client = await connect()
    client.send({})
    expect(await client.next()).toEqual({result: [true, ['a', 'c']]})
  })

  it('hands out a Set that changes nothing when it is changed', async () => {
    const {connect} = await serve(
      asking(({ws}) => {
        ws.join('a')
        ws.rooms.add('b')
        return [...ws.rooms]
      }),
    )
    const client = await connect()
    client.send({})
    expect(await client.next()).toEqual({result: ['a']})
  })

  it('has rooms that are app-wide: two routes meet in one', async () => {
    const {connect} = await serve({
      '/a': joining,
      '/b': asking(({ws}, data) => ws.to('room').send(data)),
    })
    const member = await connect('/a?rooms=room')
    const other = await connect('/b')
    other.send('hello')
    expect(await member.next()).toBe('hello')
  })

  const illegal: unknown[] = [
    '',
    'x'.repeat(129),
    'é'.repeat(65),
    'a\nb',
    'a\u0000',
    '\u007f',
    '\u009b',
    7,
    null,
  ]
  it.each(illegal)('refuses the room %j with CandyError ROOM where it is named', async name => {
    const room = name as string
    const calls: ((candy: Candy) => unknown)[] = [
      ({ws}) => ws.join(room),
      ({ws}) => ws.join('fine', room),
      ({ws}) => ws.leave(room),
      ({ws}) => ws.to(room),
      ({Route}) => Route.wsServer.to(room),
      ({Route}) => Route.wsServer.toRoom(room, 'x'),
    ]
    const {connect} = await serve(asking((candy, index: number) => calls[index]!(candy)))
    const client = await connect()
    for (const index of calls.keys()) {
      client.send(String(index))
      expect(await client.next()).toEqual({threw: 'ROOM'})
    }
  })

  it.each(['x', 'x'.repeat(128), 'é'.repeat(64), '*', '>', '__proto__', 'a b', 'конференция', '😀'])(
    'takes the room %j',
    async room => {
      const {connect, app} = await serve(Candy => {
        Candy.ws.join(room)
        Candy.ws.send('joined')
      })
      const client = await connect()
      await client.next()
      app.Route.wsServer.toRoom(room, 'in')
      expect(await client.next()).toBe('in')
    },
  )

  it('joins none of the rooms when one of them is refused', async () => {
    const {connect} = await serve(
      asking(({ws}) => {
        try {
          ws.join('fine', '')
        } catch {
          return [...ws.rooms]
        }
      }),
    )
    const client = await connect()
    client.send({})
    expect(await client.next()).toEqual({result: []})
  })

  it('sends the error frame ROOM for a room named in a message, and stays open', async () => {
    const {connect, log} = await serve(Candy => {
      Candy.ws.on('message', data => Candy.ws.join(data as string))
    })
    const client = await connect()
    client.send('')
    expect(await client.next()).toEqual({type: 'error', code: 'ROOM', message: expect.any(String) as string})
    expect(log.errors()).toEqual([])
  })

  it('is in its rooms while the close listeners run, and in none afterwards', async () => {
    const during = signal<string[]>()
    const there = signal<Candy>()
    const {connect} = await serve({
      '/leaver': Candy => {
        Candy.ws.join('room')
        there.fire(Candy)
        Candy.ws.on('close', async () => {
          await Promise.resolve()
          during.fire([...Candy.ws.rooms])
          Candy.ws.to('room').send('bye')
        })
      },
      '/stayer': joining,
    })
    const stayer = await connect('/stayer?rooms=room')
    await (await connect('/leaver')).close()
    expect(await during.fired).toEqual(['room'])
    expect(await stayer.next()).toBe('bye')
    const {ws} = await there.fired
    expect(ws.rooms).toEqual(new Set())
  })

  it('join on a closed connection does nothing', async () => {
    const there = signal<Candy>()
    const {connect} = await serve(Candy => there.fire(Candy))
    const client = await connect()
    const {ws} = await there.fired
    ws.close()
    ws.join('room')
    expect(ws.rooms).toEqual(new Set())
    await client.closed
    ws.join('room')
    expect(ws.rooms).toEqual(new Set())
  })

  it('joins no more rooms than limits.maxRooms, and nothing of the call that would', async () => {
    const {connect, log} = await serve(
      asking(({ws}, rooms: string[]) => {
        try {
          ws.join(...rooms)
        } catch (error) {
          return [(error as Error).message, [...ws.rooms]]
        }
        return [...ws.rooms]
      }),
      {limits: {maxRooms: 3}},
    )
    const client = await connect()
    const join = async (...rooms: string[]) => {
      client.send(rooms)
      return (await client.next<{result: unknown}>()).result
    }
    const refused = 'A connection is in at most 3 rooms'
    expect(await join('a', 'b')).toEqual(['a', 'b'])
    expect(await join('c', 'd')).toEqual([refused, ['a', 'b']])
    expect(await join('a', 'b', 'c', 'c', 'a')).toEqual(['a', 'b', 'c'])
    expect(await join('b', 'c')).toEqual(['a', 'b', 'c'])
    expect(await join('d')).toEqual([refused, ['a', 'b', 'c']])
    expect(log.lines.filter(line => line.event === 'room.rejected')).toHaveLength(2)
  })

  it('makes room by leaving; the limit is a route’s own, and may be off', async () => {
    const many = Array.from({length: 129}, (_, index) => `room ${index}`)
    const joinAll = asking(({ws}) => {
      ws.join(...many)
      return ws.rooms.size
    })
    const {connect, app} = await serve({
      '/default': asking(({ws}) => {
        ws.join(...many.slice(1))
        ws.leave(many[1]!)
        ws.join(many[0]!)
        return ws.rooms.size
      }),
      '/129': joinAll,
    })
    app.Route.ws('/off', joinAll, {token: false, limits: {maxRooms: 'off'}})
    for (const [path, expected] of [
      ['/default', {result: 128}],
      ['/129', {threw: 'ROOM'}],
      ['/off', {result: 129}],
    ] as const) {
      const client = await connect(path)
      client.send({})
      expect(await client.next()).toEqual(expected)
    }
  })

  it('holds in a middleware too, where what is joined waits for the verdict', async () => {
    const {connect} = await serve(({ws}) => void ws.send([...ws.rooms]), {
      limits: {maxRooms: 2},
      route: {
        use: [
          ({ws}) => {
            ws.join('a', 'b')
            expect(() => ws.join('c')).toThrow(CandyError)
          },
        ],
      },
    })
    expect(await (await connect()).next()).toEqual(['a', 'b'])
  })
})
