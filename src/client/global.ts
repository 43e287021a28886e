import {candyWith} from './candy.js'
import type {SharedWorkerClass} from './shared-worker.js'

// What /_candy/client.js is made of: for pages that load it with a script tag, and find the client in `window.Candy`.

declare const SharedWorker: SharedWorkerClass
/** The name of the worker's file, which holds the hash of what is in it: tabs with an older one keep theirs. */
declare const workerFile: string

interface Page {
  readonly document: {readonly currentScript: {readonly src: string} | null}
  readonly location: {readonly href: string}
}

const {document, location} = globalThis as unknown as Page
/** Beside this file; a script of type `module` is not told where it is from. */
const base = document.currentScript?.src ?? new URL('/_candy/client.js', location.href)

Object.assign(globalThis, {
  Candy: candyWith(() => new SharedWorker(new URL(workerFile, base), {type: 'module', name: 'candy.v1'})),
})
