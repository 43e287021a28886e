// A client in a process of its own, which sigterm.ts stops as a laptop's lid does.
import {once} from 'node:events'
import {WebSocket} from 'ws'
import {answer} from './program.js'

answer({
  open: async (url: string) => {
    await once(new WebSocket(url), 'open')
  },
})
