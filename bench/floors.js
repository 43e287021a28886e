import {median, perRound} from './stats.js'

/** How far a ratio may fall below the last results: more than a busy machine bends it, less than what was won. */
const allowed = 0.8

/** Whom Candy is held against: the library it stands on, and the best that can be written on that by hand. */
const held = ['ws', 'ws-batch']

/** `peer / Candy` of a suite, the median of its rounds. */
function ratiosOf({name, peers, guarded}) {
  const ours = peers.candy?.costs
  if (!ours || !guarded) return []
  return held
    .filter(peer => peers[peer])
    .map(against => ({suite: name, against, ratio: median(perRound(peers[against].costs, ours))}))
}

/** The floors that are stored beside results. */
export function floorsOf(results) {
  return results
    .flatMap(ratiosOf)
    .map(({suite, against, ratio}) => ({suite, against, ratio, floor: ratio * allowed}))
}

/**
 * The floors that results fall below, or do not speak of.
 *
 * @returns `[{suite, against, floor, ratio}]`, `ratio` of these results; `undefined` where there is none
 */
export function fallenBelow(floors, results) {
  const found = results.flatMap(ratiosOf)
  return floors
    .map(({suite, against, floor}) => ({
      suite,
      against,
      floor,
      ratio: found.find(one => one.suite === suite && one.against === against)?.ratio,
    }))
    .filter(({ratio, floor}) => !(ratio >= floor))
}
