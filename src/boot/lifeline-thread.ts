import {Socket} from 'node:net'
import {workerData} from 'node:worker_threads'

// The other end of this pipe is the parent's. It closes when the parent is gone, however it went, and this thread hears
// it even while the app's own code keeps the main thread busy for ever.
new Socket({fd: workerData as number})
  .on('error', () => undefined)
  .on('close', () => process.kill(process.pid, 'SIGKILL'))
  .resume()
