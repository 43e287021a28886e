import {wordsOf} from './goals.js'
import {peers} from './peers.js'
import {median, perRound, range} from './stats.js'

const titleOf = name => peers[name]?.title ?? name
const percent = share => (share === undefined ? '' : `${(share * 100).toFixed(0)} %`)

/** Above this the load may have held the server up, which costs it nothing but time. */
const busy = 0.95

/** One suite as rows of text, cheapest first, the head in the first row. */
export function peerRows({unit, peers: measured}) {
  const ours = measured.candy?.costs
  const byCost = Object.entries(measured).toSorted(([, a], [, b]) => median(a.costs) - median(b.costs))
  return [
    ['', `${unit}: median (range)`, "x Candy's, per round", 'server busy', 'load busy'],
    ...byCost.map(([name, {costs, serverShare, loadBusy}]) => [
      titleOf(name),
      range(costs),
      ours ? range(perRound(costs, ours)) : '',
      percent(serverShare),
      `${percent(loadBusy)}${loadBusy > busy ? ' (!)' : ''}`,
    ]),
  ]
}

/** Every goal of every suite as rows of text, the head in the first row. */
export function goalRows(results) {
  const rows = results.flatMap(({title, goals}) =>
    goals.map(goal => {
      const {measured, floor, aim, verdict} = wordsOf(goal)
      const work = goal.title ? `${title}: ${goal.title}` : title
      return [work, goal.against ? titleOf(goal.against) : '', measured, floor, aim, verdict]
    }),
  )
  return [['work', 'beside', 'Candy is', 'floor', 'aim', ''], ...rows]
}

export function faultLines(results) {
  return results.flatMap(({title, faults}) =>
    Object.entries(faults).map(([name, fault]) => `${title}: ${titleOf(name)} NOT MEASURED: ${fault}`),
  )
}

/** Where Candy's time goes, as far as it was asked for: of a goal that was missed it says why. */
export function profileLines({profile = []}) {
  return profile.map(({name, share}) => `${(share * 100).toFixed(1)} % ${name}`)
}

export function markdownTable([head, ...rows]) {
  const line = cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function bulleted(lines) {
  return lines.map(line => `- ${line}`).join('\n')
}

function list(object) {
  return Object.entries(object)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}

function suiteSection(result) {
  const held = Object.values(result.peers).some(({loadBusy}) => loadBusy > busy)
  return [
    `### ${result.title}`,
    ...(result.note ? [`${result.note}.`] : []),
    markdownTable(peerRows(result)),
    ...(result.profile
      ? [`Where Candy's time goes here, as a floor above is missed:\n\n${bulleted(profileLines(result))}`]
      : []),
    ...(held
      ? ['(!) The load was busy nearly all the time: this peer could have been faster, not cheaper.']
      : []),
  ].join('\n\n')
}

/**
 * The text of results.md.
 *
 * @param run `{date, machine, versions, limits, rounds, seconds, results}`
 * @param page `{title, command}`: what it is headed, and what writes it
 */
export function markdown(
  {date, machine, versions, limits, rounds, seconds, results},
  {title, command} = {title: 'What Candy costs, beside others', command: 'npm run bench'},
) {
  const faults = faultLines(results)
  return `# ${title}

Written by \`${command}\` on ${date}; [README.md](README.md) says how to read it. ${rounds} paired rounds of
${seconds} s each: median and range. Figures are the CPU time of the server's process, and compare within this run only.

- ${machine.processor}, ${machine.memory}, ${machine.system}, Node ${machine.node}; ${machine.pinning}; ${machine.others}
- ${list(versions)}
${bulleted(limits)}

## Goals

${markdownTable(goalRows(results))}
${faults.length ? `\n${bulleted(faults)}\n` : ''}
## Figures

${results.map(suiteSection).join('\n\n')}
`
}
