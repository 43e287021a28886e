import {mkdirSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {versionOf} from '#candy/http/client-files.js'
import {bundle} from './bundle.js'

// Makes dist/browser/ of dist/client/: what a page loads that has no bundler. A worker is known by its address, so the
// address that client.js knows changes with what is in worker.js.

const pathOf = (file: string) => fileURLToPath(new URL(`../dist/${file}`, import.meta.url))

const worker = await bundle(pathOf('client/worker.js'), {format: 'es'})
const workerFile = `worker.js?v=${versionOf(worker.code)}`
const client = await bundle(pathOf('client/global.js'), {
  format: 'iife',
  define: {workerFile: JSON.stringify(workerFile)},
})

mkdirSync(pathOf('browser'), {recursive: true})
writeFileSync(pathOf('browser/worker.js'), worker.code)
writeFileSync(pathOf('browser/client.js'), client.code)
