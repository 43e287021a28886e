import {readFileSync} from 'node:fs'
import {dirname, extname, join} from 'node:path'

/** CommonJS or ES module, as Node decides it: by extension, else by the nearest package.json, else by its syntax. */
export function formatOf(file: string): 'commonjs' | 'module' {
  const extension = extname(file)
  if (/^\.m[jt]s$/.test(extension)) return 'module'
  if (/^\.c[jt]s$/.test(extension)) return 'commonjs'
  for (let at = dirname(file); ; at = dirname(at)) {
    const manifest = readManifest(join(at, 'package.json'))
    if (manifest?.type === 'module') return 'module'
    // TypeScript's `export` is not compiled away, so a package type does not make it CommonJS.
    if (manifest?.type === 'commonjs' && !extension.endsWith('ts')) return 'commonjs'
    if (manifest || dirname(at) === at) return formatBySyntax(file)
  }
}

/** Node tries CommonJS and looks at how it fails; a statement that only a module has is as good a sign. */
function formatBySyntax(file: string): 'commonjs' | 'module' {
  return /^\s*(?:import\s*["'{*\w]|export\s+(?:default|async|class|const|function|let|var)\b|export\s*[{*])/m.test(
    readFileSync(file, 'utf8'),
  )
    ? 'module'
    : 'commonjs'
}

function readManifest(path: string): {type?: unknown} | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as {type?: unknown}
  } catch {
    return undefined
  }
}
