import {Worker} from 'node:worker_threads'

/** The descriptor, in a child, of the pipe that tells it that its parent is gone. */
export const lifelineFd = 4

/** Ends this process when its parent is gone, however that went. */
export function holdLifeline(): void {
  new Worker(new URL('lifeline-thread.js', import.meta.url), {workerData: lifelineFd, execArgv: []}).unref()
}
