import {attachContract} from './contract.js'
import {hosts} from './hosts/index.js'

attachContract(hosts, 'before')
