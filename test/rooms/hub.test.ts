import * as fc from 'fast-check'
import {Hub, type Member} from '#candy/rooms/hub.js'
import {textFrame, type Frame} from '#candy/rooms/frame.js'
import {describe, expect, it} from 'vitest'

/** A member whose delivery may do something to the hub, as a socket's synchronous failure may. */
class FakeMember implements Member {
  readonly got: string[] = []
  readonly rooms = new Set<string>()
  onDelivery: (() => void) | undefined
  constructor(
    readonly id: string,
    readonly maxBuffered = Number.POSITIVE_INFINITY,
  ) {}
  deliver(frame: Frame) {
    this.got.push(frame.data as string)
    this.onDelivery?.()
  }
}

const names = ['a', 'b', 'c', 'd'] as const
const roomNames = ['r', 's', 't'] as const
const who = fc.constantFrom(...names)
const where = fc.constantFrom(...roomNames)
const change = fc.oneof(
  fc.record({do: fc.constant('connect' as const), who}),
  fc.record({do: fc.constant('join' as const), who, where}),
  fc.record({do: fc.constant('leave' as const), who, where}),
  fc.record({do: fc.constant('disconnect' as const), who}),
)
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never
const step = fc.oneof(
  change,
  fc.record({
    do: fc.constant('send' as const),
    rooms: fc.array(where, {maxLength: 3}),
    except: fc.array(fc.oneof(where, who), {maxLength: 2}),
    meanwhile: fc.array(change, {maxLength: 4}),
  }),
  fc.record({do: fc.constant('broadcast' as const), who, meanwhile: fc.array(change, {maxLength: 4})}),
)

/** The hub under test and the plain model of who is where, changed by the same steps. */
class World {
  readonly hub = new Hub<FakeMember>()
  readonly members = new Map(names.map(name => [name as string, new FakeMember(name)]))
  readonly connected = new Set<string>()

  apply(change: Change): void {
    const member = this.members.get(change.who)!
    if (change.do === 'connect') {
      this.connected.add(change.who)
      this.hub.add(member)
    } else if (change.do === 'join') {
      if (!this.connected.has(change.who)) return
      member.rooms.add(change.where)
      this.hub.join(member, change.where)
    } else if (change.do === 'leave') {
      member.rooms.delete(change.where)
      this.hub.leave(member, change.where)
    } else {
      this.connected.delete(change.who)
      this.hub.remove(member)
      for (const room of member.rooms) this.hub.leave(member, room)
      member.rooms.clear()
    }
  }

  audience(rooms: readonly string[], except: readonly string[]): string[] {
    return [...this.members.values()]
      .filter(member => rooms.some(room => member.rooms.has(room)))
      .filter(member => !except.some(name => name === member.id || member.rooms.has(name)))
      .map(member => member.id)
  }

  /** Sends while the first delivery makes the changes happen; tells who got it, once per delivery. */
  during(changes: readonly Change[], send: (frame: Frame) => void): string[] {
    let pending = true
    for (const member of this.members.values()) {
      member.got.length = 0
      member.onDelivery = () => {
        if (!pending) return
        pending = false
        for (const change of changes) this.apply(change)
      }
    }
    send(textFrame('x'))
    return [...this.members.values()].flatMap(member => member.got.map(() => member.id)).toSorted()
  }
}

describe('Hub', () => {
  it('row 46: delivers once to each member at send time, whoever joins, leaves or disconnects meanwhile', () => {
    fc.assert(
      fc.property(fc.array(step, {maxLength: 60}), steps => {
        const world = new World()
        for (const one of steps) {
          if (one.do === 'send') {
            const expected = world.audience(one.rooms, one.except).toSorted()
            const got = world.during(one.meanwhile, frame =>
              world.hub.send({rooms: one.rooms}, one.except, frame),
            )
            expect(got).toEqual(expected)
          } else if (one.do === 'broadcast') {
            const expected = [...world.connected].filter(id => id !== one.who).toSorted()
            const got = world.during(one.meanwhile, frame =>
              world.hub.send({everyone: true}, [one.who], frame),
            )
            expect(got).toEqual(expected)
          } else world.apply(one)
          expect([...world.hub.members.keys()].toSorted()).toEqual([...world.connected].toSorted())
          const used = roomNames.filter(room =>
            [...world.members.values()].some(member => member.rooms.has(room)),
          )
          expect(world.hub.roomCount).toBe(used.length)
        }
      }),
      {numRuns: 300},
    )
  })
})
