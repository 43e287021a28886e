// results.svg: bars of how much each peer does in a second of one core. Longer is better in every panel.
import {peers} from './peers.js'
import {median, perRound} from './stats.js'

const panels = [
  {
    suite: 'echo-16',
    title: 'Requests answered',
    note: 'judged first by Candy and by the ValidationPipes; 100 connections, 16 in flight on each',
  },
  {suite: 'fan-4', title: 'Broadcasts delivered', note: 'a room of 1,000, 4 broadcasts outstanding'},
  {suite: 'deflate', title: 'Compressed broadcasts delivered', note: '1 kB to 200 members, 4 outstanding'},
]

const width = 800
const margin = 16
const names = 232
const values = 150
const row = 26
const longest = width - 2 * margin - names - values

const escaped = text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const element = (name, attributes, text) =>
  `<${name}${Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escaped(String(value)).replaceAll('"', '&quot;')}"`)
    .join('')}>${text}</${name}>`

/** `235,000`: what a second of one core is good for; three digits are as many as can be believed. */
function rate(cost) {
  return Number((1e6 / cost).toPrecision(3)).toLocaleString('en')
}

function barsOf({peers: measured}) {
  const base = measured.ws?.costs
  return Object.entries(measured)
    .map(([name, {costs}]) => ({
      name,
      title: peers[name]?.title ?? name,
      cost: median(costs),
      times: base && name !== 'ws' ? median(perRound(base, costs)) : undefined,
    }))
    .toSorted((a, b) => a.cost - b.cost)
}

/** `2.4x ws` beside the figure. */
const said = ({cost, times}) =>
  times === undefined ? rate(cost) : `${rate(cost)}  (${times.toFixed(times < 10 ? 1 : 0)}x ws)`

function panelAt(top, {title, note}, bars) {
  const fastest = bars[0].cost
  const lines = bars.map((bar, n) => {
    const y = top + 52 + n * row
    const length = Math.max(2, (fastest / bar.cost) * longest).toFixed(1)
    const kind = bar.name === 'candy' ? 'ours' : 'theirs'
    return [
      element('text', {class: `name ${kind}`, x: margin + names - 10, y: y + 14}, escaped(bar.title)),
      element('rect', {class: kind, x: margin + names, y, width: length, height: row - 7, rx: 3}, ''),
      element(
        'text',
        {class: kind, x: (margin + names + Number(length) + 8).toFixed(1), y: y + 14},
        said(bar),
      ),
    ].join('\n')
  })
  return [
    element('text', {class: 'title', x: margin, y: top + 20}, escaped(title)),
    element('text', {class: 'note', x: margin, y: top + 39}, escaped(note)),
    ...lines,
  ].join('\n')
}

const style = `
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #59636e }
.title { font-size: 16px; font-weight: 600; fill: #1f2328 }
.name { text-anchor: end }
text.ours { font-weight: 600; fill: #b3206b }
rect { fill: #c4ccd6 }
rect.ours { fill: #d6338a }
.ground { fill: #ffffff }
@media (prefers-color-scheme: dark) {
  text { fill: #9aa4af }
  .title { fill: #f0f3f6 }
  text.ours { fill: #ff8ac4 }
  rect { fill: #3d4752 }
  rect.ours { fill: #e0559b }
  .ground { fill: #0d1117 }
}
`

/** The picture of the results, light and dark; an empty panel is left out. */
export function picture({results, machine}) {
  let top = margin
  const drawn = panels.flatMap(panel => {
    const result = results.find(({name}) => name === panel.suite)
    const bars = result ? barsOf(result) : []
    if (bars.length === 0) return []
    const text = panelAt(top, panel, bars)
    const words = `${panel.title}, ${panel.note}: ${bars.map(bar => `${bar.title} ${said(bar)}`).join(', ')}.`
    top += 52 + bars.length * row + 22
    return [{text, words}]
  })
  const height = top + 24
  const foot = `per second of one core's time, longer is better; ${machine.processor}, Node ${machine.node}`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">`,
    element('title', {id: 'title'}, 'Candy beside other WebSocket servers'),
    element('desc', {id: 'desc'}, escaped(`${foot}. ${drawn.map(({words}) => words).join(' ')}`)),
    element('style', {}, style),
    element('rect', {class: 'ground', width, height, rx: 8}, ''),
    ...drawn.map(({text}) => text),
    element('text', {class: 'note', x: margin, y: height - 14}, escaped(foot)),
    '</svg>\n',
  ].join('\n')
}
