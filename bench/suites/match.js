import {parseTarget} from '../../dist/handshake/target.js'
import {parsePattern} from '../../dist/routing/pattern.js'
import {Table} from '../../dist/routing/table.js'

const size = 10_000
const hits = 200_000

const route = n => [`/module-${Math.floor(n / 100)}/resource-${n}`, 'id', `action-${n % 7}`, 'x']
const address = n => {
  const [start, , action] = route(n)
  return `${start}/${n * 7}/${action}/${n * 13}`
}

/** Addresses at random; the same for all, and for every run (a linear congruence, Numerical Recipes). */
function addresses() {
  let state = 42
  return Array.from({length: 4_096}, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return address(state % size)
  })
}

function candyTable() {
  const routes = new Table()
  for (let n = 0; n < size; n += 1) {
    const [start, id, action, x] = route(n)
    routes.add(parsePattern(`${start}/{${id}}/${action}/{${x}}`, 'bench'), n)
  }
  return routes
}

function candy() {
  const routes = candyTable()
  return text => routes.match(parseTarget(text, 2_048).segments)
}

/** Without taking the address apart, which serving needs done whatever matches. */
function bareMatch() {
  const routes = candyTable()
  const segments = new Map(addresses().map(text => [text, parseTarget(text, 2_048).segments]))
  return {prepare: text => segments.get(text), match: list => routes.match(list)}
}

async function findMyWay() {
  const {default: makeRouter} = await import('find-my-way')
  const router = makeRouter()
  for (let n = 0; n < size; n += 1) {
    const [start, id, action, x] = route(n)
    router.on('GET', `${start}/:${id}/${action}/:${x}`, () => n)
  }
  return text => router.find('GET', text)
}

const routers = {
  candy,
  'candy, match alone': bareMatch,
  'find-my-way': findMyWay,
}

/** Nanoseconds per address; a stranger's, or one with a wrong parameter, ends the measurement. */
function time(inputs, match) {
  let found = 0
  const begun = process.hrtime.bigint()
  for (let n = 0; n < hits; n += 1) if (match(inputs[n & 4_095]).params.id) found += 1
  const taken = Number(process.hrtime.bigint() - begun)
  if (found !== hits) throw new Error('an address was not found')
  return {nanoseconds: taken / hits}
}

export const match = {
  name: 'match',
  group: 'match',
  title: 'Route match at 10,000 routes, from the text of a path to its parameters',
  unit: 'ns per address, in process',
  peers: ['candy, match alone'],
  goals: [{against: 'find-my-way', atLeast: 2, aim: 2.5}],
  roundsOf: rounds => rounds * 3,
  async start(name) {
    const made = await routers[name]()
    const {prepare = text => text, match: run = made} = made
    const inputs = addresses().map(prepare)
    const wrong = addresses().find((text, n) => {
      const [, , , id, , x] = text.split('/')
      const {params} = run(inputs[n])
      return params.id !== id || params.x !== x
    })
    if (wrong) throw new Error(`${name} misreads ${wrong}`)
    return {name, measure: () => time(inputs, run), stop: () => undefined}
  },
  cost: figures => figures.nanoseconds,
}
