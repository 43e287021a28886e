// Fan-out over nodes and rooms, counted and not measured: who is where is drawn by lot, what follows is arithmetic.

/**
 * CPU time in microseconds on the machine of `nodes.md`, where messages come one at a time, and where 16 come at once and share their
 * writes: of a node for each message that it publishes, hears over the bus and delivers to a client (`npm run bench:nodes`, rooms of 20
 * and of 1,000), and of Redis for each message and each node that it is handed to (`node bench/bus-costs.js`).
 */
export const measuredCosts = {
  single: {publish: 200, hear: 95, deliver: 10, redis: 12, redisHand: 4.2},
  together: {publish: 16, hear: 5, deliver: 1.2, redis: 1, redisHand: 0.4},
}

export const defaults = {
  connections: 100_000,
  nodes: 10,
  /** Rooms that there are, and that each connection is in. */
  rooms: 10_000,
  roomsEach: 2,
  /** Exponent of Zipf's law: the room of rank n is n^skew times less popular than the first. 0: all are alike. */
  skew: 0.8,
  /** Messages per second in each room that has members. */
  rate: 0.1,
  /** Bytes of a message as a client gets it, and what it has more on the bus. */
  bytes: 120,
  overhead: 70,
  seed: 1,
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function lots(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Draws a room, the popular ones more often. */
function zipf(rooms, skew, lot) {
  const sums = new Float64Array(rooms)
  let sum = 0
  for (let n = 0; n < rooms; n += 1) sums[n] = sum += (n + 1) ** -skew
  return () => {
    const wanted = lot() * sum
    let [from, to] = [0, rooms - 1]
    while (from < to) {
      const middle = (from + to) >> 1
      if (sums[middle] < wanted) from = middle + 1
      else to = middle
    }
    return from
  }
}

/** The rooms of each connection, one after the other: `roomsEach` different ones. */
function drawRooms({connections, rooms, roomsEach, skew}, lot) {
  const draw = zipf(rooms, skew, lot)
  const drawn = new Uint32Array(connections * roomsEach)
  for (let at = 0; at < drawn.length; at += 1) {
    const first = at - (at % roomsEach)
    do drawn[at] = draw()
    while (drawn.subarray(first, at).includes(drawn[at]))
  }
  return drawn
}

/** Which node a connection is on. By room: on its first room's, so that most of a room is in one place. */
const placements = {
  random:
    ({nodes}, lot) =>
    () =>
      Math.floor(lot() * nodes),
  'by room': ({nodes}) => {
    // Not by rank: the popular rooms would follow each other over the nodes.
    const mix = room => Math.imul(room ^ 0x9e3779b9, 0x85ebca6b) >>> 0
    return room => mix(room) % nodes
  },
}

/** Connections of each node, and those of each room on each node. */
function place({connections, nodes, rooms, roomsEach}, drawn, nodeOf) {
  const members = new Uint32Array(rooms * nodes)
  const held = new Uint32Array(nodes)
  for (let connection = 0; connection < connections; connection += 1) {
    const first = connection * roomsEach
    const node = nodeOf(drawn[first])
    held[node] += 1
    for (let at = first; at < first + roomsEach; at += 1) members[drawn[at] * nodes + node] += 1
  }
  return {members, held}
}

const emptyNode = () => ({subscriptions: 0, published: 0, heard: 0, delivered: 0})

/** What happens in a second, by node; each member of a room is as likely to say the next message as another. */
function tally({nodes, rooms, rate}, members) {
  const all = Array.from({length: nodes}, emptyNode)
  let [messages, leaving, handed] = [0, 0, 0]
  for (let room = 0; room < rooms; room += 1) {
    const there = members.subarray(room * nodes, (room + 1) * nodes)
    const size = there.reduce((sum, count) => sum + count, 0)
    if (size === 0) continue
    const homes = there.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0)
    messages += rate
    // Redis hands it to the node that it is from, too.
    handed += rate * homes
    if (homes > 1) leaving += rate
    for (let n = 0; n < nodes; n += 1) {
      if (there[n] === 0) continue
      const node = all[n]
      node.subscriptions += 1
      node.published += (rate * there[n]) / size
      node.heard += (rate * (size - there[n])) / size
      node.delivered += rate * there[n]
    }
  }
  return {all, messages, leaving, handed}
}

function spread(values) {
  return {mean: values.reduce((sum, value) => sum + value, 0) / values.length, most: Math.max(...values)}
}

/**
 * What nodes and bus have to do in a second.
 *
 * @param options as `defaults`
 * @param placement `random` or `by room`
 * @param costs as `measuredCosts`
 */
export function simulate(options, placement, costs = measuredCosts) {
  const given = {...defaults, ...options}
  const {nodes, rooms, roomsEach, bytes, overhead, seed} = given
  if (rooms * nodes > 200_000_000) throw new RangeError('rooms times nodes are more than fit into memory')
  if (roomsEach > rooms) throw new RangeError('a connection is in more rooms than there are')
  const lot = lots(seed)
  const drawn = drawRooms(given, lot)
  const {members, held} = place(given, drawn, placements[placement](given, lot))
  const {all, messages, leaving, handed} = tally(given, members)
  const nodeShare = ({publish, hear, deliver}) =>
    spread(all.map(node => (node.published * publish + node.heard * hear + node.delivered * deliver) / 1e6))
  const redisShare = ({redis, redisHand}) => (messages * redis + handed * redisHand) / 1e6
  const of = name => spread(all.map(node => node[name]))
  return {
    connections: spread([...held]),
    subscriptions: of('subscriptions'),
    published: of('published'),
    heard: of('heard'),
    delivered: of('delivered'),
    bytesOut: spread(all.map(({delivered}) => delivered * bytes)),
    leavingShare: leaving / messages,
    nodesPerMessage: handed / messages,
    bus: {taken: messages, handed, bytesOut: handed * (bytes + overhead)},
    nodeShare: {single: nodeShare(costs.single), together: nodeShare(costs.together)},
    redisShare: {single: redisShare(costs.single), together: redisShare(costs.together)},
  }
}
