import {Workbench} from './workbench.js'

new Workbench(document.body).start()
