export {TestClient, type Closed} from './client.js'
export {connect, fetchToken, HandshakeError, type ConnectOptions} from './connect.js'
export {mount, RefusedError, type Mounted, type MountOptions} from './mount.js'
