#!/usr/bin/env node
import {run} from './run.js'

const code = await run(process.argv.slice(2))
// What user code left running must not keep a finished command alive; what was printed must be out first.
process.stdout.write('', () => process.exit(code))
