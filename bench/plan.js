import {buildLoad} from './load/load.js'
import {measure} from './measure.js'
import {profileOf} from './profile.js'
import {resultOf} from './result.js'
import {suites} from './suites/all.js'

/** The suites of these names or groups; all if there are none. */
export function suitesNamed(names) {
  const wanted = suites.filter(
    ({name, group}) => names.length === 0 || names.includes(name) || names.includes(group),
  )
  if (wanted.length > 0) return wanted
  throw new Error(`no suite ${names.join(', ')}: there are ${suites.map(({name}) => name).join(', ')}`)
}

/**
 * Measures suite after suite, and hands each result to `say` as it comes.
 *
 * @param options `{rounds, seconds, profiled, namesOf}`; `profiled`: whether a goal that is missed has the profile taken that
 * says why; `namesOf(suite)` says which peers are measured
 */
export async function measureAll(wanted, {rounds, seconds, profiled, namesOf}, say) {
  buildLoad()
  const results = []
  for (const suite of wanted) {
    const options = {names: namesOf(suite), rounds: suite.roundsOf?.(rounds) ?? rounds, seconds}
    const found = await measure(suite, options)
    const judged = resultOf(suite, found)
    const isMissed = judged.goals.some(goal => goal.measured && !goal.reached)
    const profile = isMissed && profiled ? await profileOf(suite, found.prepared) : undefined
    const result = {...judged, profile}
    say(result)
    results.push(result)
  }
  return results
}
