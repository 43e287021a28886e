import type {AppOptions} from 'candy-ws'

// All clients come from one address, and more at once than an app has to take. Every other limit is the default.
const options: AppOptions = {limits: {maxPerIp: 'off', acceptRate: 'off'}}

export default options
