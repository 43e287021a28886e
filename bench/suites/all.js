import {connect} from './connect.js'
import {deflate} from './deflate.js'
import {echoes} from './echo.js'
import {fans} from './fan.js'
import {idle, idleDeflate} from './idle.js'
import {latency} from './latency.js'
import {match} from './match.js'

/** In the order of the report. */
export const suites = [...echoes, latency, ...fans, deflate, connect, idle, idleDeflate, match]
