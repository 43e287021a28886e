import {createHash} from 'node:crypto'
import {readFile} from 'node:fs/promises'
import {Hono} from 'hono'
import {etag} from 'hono/etag'
import type {Exchange} from './answer.js'

/** A file of the browser client, as long as the process lives. */
interface ClientFile {
  readonly text: string
  readonly version: string
}

const kept = new Map<string, ClientFile>()
const folder = new URL('../browser/', import.meta.url)

/** Names what is in a file: other content, other version. */
export function versionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/**
 * The client for pages without a bundler, `/_candy/client.js`, and the worker that it loads. Who asks for the version that
 * it is need never ask again; everybody else asks each time whether it is still the same.
 */
export function clientFiles(): Hono<{Bindings: Exchange}> {
  const site = new Hono<{Bindings: Exchange}>()
  site.get('/_candy/:file{(?:client|worker)\\.js}', etag(), async c => {
    const {text, version} = await fileOf(c.req.param('file'))
    const isKnown = c.req.query('v') === version
    return c.body(text, 200, {
      'Content-Type': 'text/javascript; charset=utf-8',
      'Cache-Control': isKnown ? 'public, max-age=31536000, immutable' : 'no-cache',
      ETag: `"${version}"`,
    })
  })
  return site
}

async function fileOf(name: string): Promise<ClientFile> {
  const there = kept.get(name)
  if (there) return there
  const text = await readFile(new URL(name, folder), 'utf8')
  const file = {text, version: versionOf(text)}
  kept.set(name, file)
  return file
}
