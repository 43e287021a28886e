import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {formatOf} from './format.js'

/** Where a file does not parse, told by others: neither Node's error for an ES module nor the TypeScript loader's holds a line. */
export function lineOfSyntaxError(file: string): number | undefined {
  if (/\.[cm]?js$/.test(file)) return lineByNode(file)
  if (/\.[cm]?ts$/.test(file)) return lineByTypeScript(file)
  return undefined
}

/** Node tells it only to whoever runs it as a program: one process for each broken file, and none for a sound one. */
function lineByNode(file: string): number | undefined {
  const {stderr} = spawnSync(process.execPath, ['--check', `--input-type=${formatOf(file)}`, '-'], {
    input: readFileSync(file),
    encoding: 'utf8',
    env: {...process.env, NODE_OPTIONS: ''},
    timeout: 5_000,
  })
  const match = /^\[stdin\]:(\d+)$/m.exec(stderr ?? '')
  return match ? Number(match[1]) : undefined
}

interface Compiler {
  readonly transpileModule: (
    text: string,
    options: {fileName: string; reportDiagnostics: true; compilerOptions: {experimentalDecorators: true}},
  ) => {readonly diagnostics?: readonly {readonly start?: number}[]}
}

/** By the TypeScript that the app has installed for its editor, if it has one that can be called; version 7 cannot. */
function lineByTypeScript(file: string): number | undefined {
  const text = readFileSync(file, 'utf8')
  try {
    const {transpileModule} = createRequire(file)('typescript') as Compiler
    const compilerOptions = {experimentalDecorators: true} as const
    const {diagnostics} = transpileModule(text, {fileName: file, reportDiagnostics: true, compilerOptions})
    const start = diagnostics?.[0]?.start
    return start === undefined ? undefined : text.slice(0, start).split('\n').length
  } catch {
    return undefined
  }
}
