// Two questions, answered in under a minute: does matching grow with the number of routes, and what does a
// connection cost beside bare `ws`? Figures are for reading; no test depends on them.
import {connectBench} from './connect.js'
import {matchBench} from './match.js'

console.log(`node ${process.version}\n`)
matchBench()
await connectBench()
