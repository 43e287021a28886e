import {judge} from './goals.js'
import {median} from './stats.js'

const middle = values => (values.some(value => value === undefined) ? undefined : median(values))

/** Where several servers are one peer: the part of each, and what all deliver together. */
function ofEach(rounds) {
  const [{eachMicros = []}] = rounds
  if (eachMicros.length < 2) return {}
  return {
    each: eachMicros.map((_, n) => median(rounds.map(one => one.eachMicros[n]))),
    perSecond: median(rounds.map(({perSecond}) => perSecond)),
  }
}

/** What a suite found, as it is stored: costs of each round by peer, goals judged, and who was not measured and why. */
export function resultOf(suite, {figures, faults, prepared}) {
  const costs = {}
  const peers = {}
  for (const [name, rounds] of Object.entries(figures)) {
    costs[name] = rounds.map(one => suite.cost(one))
    peers[name] = {
      costs: costs[name],
      serverShare: middle(rounds.map(one => one.serverShare)),
      loadBusy: middle(rounds.map(one => one.loadBusy)),
      ...ofEach(rounds),
    }
  }
  const {name, title, unit, guarded = true} = suite
  const goals = suite.goals.map(goal => judge(goal, costs))
  return {name, title, unit, guarded, note: prepared?.note, peers, faults, goals}
}
