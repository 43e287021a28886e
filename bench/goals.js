import {figure, median, perRound} from './stats.js'

/** `peer / Candy` within each round, for "at least 3 times"; `Candy / peer` for "at most 1.1 times". */
function valuesOf({of = 'candy', against, atLeast}, costs) {
  const ours = costs[of]
  if (!ours?.length) return undefined
  if (against === undefined) return ours
  const theirs = costs[against]
  if (!theirs?.length) return undefined
  return atLeast === undefined ? perRound(ours, theirs) : perRound(theirs, ours)
}

/**
 * Holds a goal against what was measured: whether the median of the rounds reaches the floor, and the aim.
 *
 * @param goal `{against, atLeast, aim}`: so many times cheaper than that peer; `{against, atMost, aim}`: at most so many
 * times its cost; `{atMost, aim}`: at most that cost; `of`: whose goal it is, if not Candy's under its own name
 * @param costs of each round, by the peer's name
 */
export function judge(goal, costs) {
  const values = valuesOf(goal, costs)
  if (!values) return {...goal, measured: false, reached: false, aimReached: false}
  const value = median(values)
  const reaches = limit => (goal.atLeast === undefined ? value <= limit : value >= limit)
  return {
    ...goal,
    measured: true,
    value,
    least: Math.min(...values),
    most: Math.max(...values),
    reached: reaches(goal.atLeast ?? goal.atMost),
    aimReached: reaches(goal.aim),
  }
}

/** The words of a judged goal, for a table. */
export function wordsOf({against, atLeast, atMost, aim, ...judged}) {
  const write = value => (against === undefined ? figure(value) : `${figure(value)}x`)
  const verdict = () => {
    if (!judged.measured) return 'NOT MEASURED'
    if (!judged.reached) return 'NOT REACHED'
    return judged.aimReached ? 'reached, and the aim' : 'reached'
  }
  const measured = () => {
    if (!judged.measured) return 'nothing'
    const range = `${write(judged.value)} (${write(judged.least)} to ${write(judged.most)})`
    if (against === undefined) return range
    return atLeast === undefined ? `${range} its cost` : `${range} cheaper`
  }
  return {
    measured: measured(),
    floor: atLeast === undefined ? `at most ${write(atMost)}` : `at least ${write(atLeast)}`,
    aim: write(aim),
    verdict: verdict(),
  }
}
