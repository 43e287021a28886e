import {candyWith} from './candy.js'
import type {SharedWorkerClass} from './shared-worker.js'

// What /_candy/client.js is made of: for pages that load it with a script tag, and find the client in `window.Candy`.

declare const SharedWorker: SharedWorkerClass
/** The name of the worker's file, which holds the hash of what is in it: tabs with an older one keep theirs. */
declare const workerFile: string

const {src} = (globalThis as unknown as {document: {currentScript: {src: string}}}).document.currentScript

Object.assign(globalThis, {
  Candy: candyWith(() => new SharedWorker(new URL(workerFile, src), {type: 'module', name: 'candy.v1'})),
})
