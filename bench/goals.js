import {median} from './stats.js'

/** `peer / Candy` within each round, for "at least 3 times"; `Candy / peer` for "at most 1.1 times". */
function ratios({against, atLeast}, costs) {
  const [ours, theirs] = [costs.candy, against === undefined ? undefined : costs[against]]
  if (!ours?.length || (against !== undefined && !theirs?.length)) return undefined
  if (!theirs) return ours
  return ours.map((cost, n) => (atLeast === undefined ? cost / theirs[n] : theirs[n] / cost))
}

/**
 * Holds a goal against what was measured: whether the median of the rounds reaches the floor, and the aim.
 *
 * @param goal `{against, atLeast, aim}`: so many times cheaper than that peer; `{against, atMost, aim}`: at most so many
 * times its cost; `{atMost, aim}`: at most that cost
 * @param costs of each round, by the peer's name
 */
export function judge(goal, costs) {
  const values = ratios(goal, costs)
  if (!values) return {...goal, measured: false, reached: false, aimReached: false}
  const value = median(values)
  return {
    ...goal,
    measured: true,
    value,
    least: Math.min(...values),
    most: Math.max(...values),
    reached: goal.atLeast === undefined ? value <= goal.atMost : value >= goal.atLeast,
    aimReached: goal.atLeast === undefined ? value <= goal.aim : value >= goal.aim,
  }
}
