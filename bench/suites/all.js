import {echoes} from './echo.js'
import {fans} from './fan.js'

export const suites = [...echoes, ...fans]
