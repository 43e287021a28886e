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
})
