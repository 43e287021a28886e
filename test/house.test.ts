import {readdirSync, readFileSync} from 'node:fs'
import {dirname, join, relative, resolve} from 'node:path'
import {describe, expect, it} from 'vitest'

// The house, as docs/decisions/0002-rooms-and-floors.md draws it: imports run down, never up, never in a circle.
const src = resolve(import.meta.dirname, '../src')

const floors: readonly (readonly RegExp[])[] = [
  [/^(bucket|codes|counts|errors|guard|limits|log|options|random)$/],
  [/^telemetry\//],
  [
    /^routing\/(pattern|source)$/,
    /^messages\/(body|contract|declared|declared-fields|dto|envelope|json-words|refusal|rules|serialiser.*|shape|transformer|validator.*)$/,
    /^rooms\/(frame|header|compact|deflate|rooms|audience|bus|channels|bus-message|target|memory-bus|replica|replica-message|peers|held-leases|denials)$/,
    // In the browser: it knows nothing of the server.
    /^client\//,
  ],
  [
    /^handshake\/(address-key|target|headers|request|metrics-access|origin|protocol|verdict)$/,
    /^rooms\/(hub|presence|presence-view|backplane|gaps|seen)$/,
    /^cluster\//,
  ],
  [/^(connection|identity)\//],
  [/^messages\/(answer|dispatch|hold|turn)$/, /^routing\/(route|table|chain)$/],
  [/^candy$/],
  [/^handshake\/(middleware|gate|accept)$/, /^(decorators|describe)\//],
  // The page runs in the browser, and knows of the server what its data looks like.
  [/^(http|middleware|boot|page)\//],
  [/^(app|assembly|loading|emitter)$/],
  [/^index$/],
  [/^(testing|dev|workers)\//],
  [/^cli\//],
]

/** One library, one room: whoever wants to replace it has one place to look. */
const libraries: Readonly<Record<string, RegExp>> = {
  ws: /^(http|testing)\//,
  'prom-client': /^telemetry\//,
  tsyringe: /^decorators\//,
  'class-validator': /^(messages|describe)\//,
  'class-transformer': /^messages\//,
  hono: /^http\//,
  '@hono/node-server': /^http\//,
  cookie: /^(handshake|identity)\//,
  jose: /^identity\//,
  'proxy-addr': /^handshake\//,
  '@oxc-node/core': /^boot\//,
  '@opentelemetry/api': /^telemetry\//,
  chokidar: /^dev\//,
  'class-validator-jsonschema': /^describe\//,
  redis: /^cluster\//,
  ioredis: /^cluster\//,
  '@nats-io/transport-node': /^cluster\//,
  'reflect-metadata': /^(index$|decorators\/)/,
}

interface Import {
  readonly specifier: string
  readonly typeOnly: boolean
}

const files = readdirSync(src, {recursive: true, encoding: 'utf8'})
  .filter(file => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .map(file => file.replace(/\.ts$/, ''))
  .toSorted()

const text = (file: string) => readFileSync(join(src, `${file}.ts`), 'utf8')

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g

function importsOf(file: string): Import[] {
  return [...text(file).matchAll(importPattern)].map(match => ({
    specifier: (match[2] ?? match[3])!,
    typeOnly: match[1] !== undefined,
  }))
}

function localImports(file: string): string[] {
  return importsOf(file)
    .filter(({specifier}) => specifier.startsWith('.'))
    .map(({specifier}) => relative(src, resolve(src, dirname(file), specifier)).replace(/\.js$/, ''))
    .filter(target => files.includes(target))
}

const floorOf = (file: string) => floors.findIndex(rooms => rooms.some(room => room.test(file)))
const roomOf = (file: string) => (file.includes('/') ? dirname(file) : 'src')

describe('the house', () => {
  it('has a floor for every file', () => {
    expect(files.filter(file => floorOf(file) < 0)).toEqual([])
    expect(files.length).toBeGreaterThan(40)
  })

  it('has only arrows that run down, or sideways inside a room', () => {
    const wrong = files.flatMap(file =>
      localImports(file).flatMap(target => {
        const up = floorOf(target) > floorOf(file)
        const across = floorOf(target) === floorOf(file) && roomOf(target) !== roomOf(file)
        if (!up && !across) return []
        return [
          `${file} imports ${target}, which stands ${up ? 'above' : 'beside'} it: move what both need down`,
        ]
      }),
    )
    expect(wrong).toEqual([])
  })

  it('has no circle, type imports counted', () => {
    const done = new Set<string>()
    const circles: string[] = []
    const visit = (file: string, path: readonly string[]) => {
      if (path.includes(file))
        return void circles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
      if (done.has(file)) return
      for (const target of localImports(file)) visit(target, [...path, file])
      done.add(file)
    }
    for (const file of files) visit(file, [])
    expect(circles).toEqual([])
  })

  it('keeps each library in its room', () => {
    const wrong = files.flatMap(file =>
      importsOf(file).flatMap(({specifier, typeOnly}) => {
        if (specifier.startsWith('.') || specifier.startsWith('node:')) return []
        const name = specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/')
        const room = libraries[name]
        if (!room) return [`${file} imports ${name}: argue for it in docs/decisions and give it a room here`]
        return room.test(file) || typeOnly ? [] : [`${file} imports ${name}, whose room is ${room.source}`]
      }),
    )
    expect(wrong).toEqual([])
  })

  it('lets the page import nothing at run time but itself: a browser loads it as it is', () => {
    const wrong = files
      .filter(file => file.startsWith('page/'))
      .flatMap(file =>
        importsOf(file).flatMap(({specifier, typeOnly}) =>
          typeOnly || /^\.\/[\w-]+\.js$/.test(specifier) ? [] : [`${file} imports ${specifier}`],
        ),
      )
    expect(wrong).toEqual([])
  })

  it('7. HTTP beside it: leaves HTTP to a library, from the request to the file', () => {
    const used = importsOf('http/site').flatMap(({specifier, typeOnly}) => (typeOnly ? [] : specifier))
    expect(used).toEqual(
      expect.arrayContaining(['hono', '@hono/node-server', '@hono/node-server/serve-static']),
    )
    const handmade = files.filter(file => /\bcreateReadStream\b|\bsendFile\b/.test(text(file)))
    expect(handmade).toEqual([])
  })

  it('has files of one noun: at most 250 lines, no drawers', () => {
    const long = files
      .map(file => [file, text(file).split('\n').length] as const)
      .filter(([, lines]) => lines > 251)
    expect(long).toEqual([])
    expect(files.filter(file => /(utils?|helpers?|types|impl|manager|common|misc)$/i.test(file))).toEqual([])
  })

  it('exports by name only', () => {
    expect(files.filter(file => /^export default/m.test(text(file)))).toEqual([])
  })

  it('tests each room of src in a folder of the same name, and nothing of a room that is gone', () => {
    const rooms = new Set(files.map(roomOf))
    const tested = readdirSync(import.meta.dirname, {withFileTypes: true})
      .filter(
        entry =>
          entry.isDirectory() &&
          !['support', 'seed', 'contracts', 'boot-errors', 'bench', 'fire', 'soak', '.tmp'].includes(
            entry.name,
          ),
      )
      .map(entry => entry.name)
    expect(tested.filter(room => !rooms.has(room))).toEqual([])
  })
})
