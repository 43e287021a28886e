import {makeDecorated} from './decorated.js'
import {makeFunctional} from './functional.js'
import {routeContract} from './route.js'

routeContract('written as functions', makeFunctional)
routeContract('written as classes', makeDecorated)
