#!/usr/bin/env node
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {basename, dirname, join, relative, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {parseArgs} from 'node:util'

const usage = `npm create candy-ws [folder]

Makes a Candy app in the folder, by default in this one. It has to be new or empty.
`

const home = fileURLToPath(new URL('.', import.meta.url))
const template = join(home, 'template')

/** npm packs no file of this name, so the template calls it another. */
const packedAs = new Map([['gitignore', '.gitignore']])

/** A folder that holds nothing else counts as empty. */
const harmless = new Set(['.git', '.DS_Store'])

process.exitCode = run(process.argv.slice(2))

/**
 * @param {string[]} argv
 * @returns {number} the exit code: 0, 1 if the app cannot be made there, 2 for a wrong call
 */
function run(argv) {
  let call
  try {
    call = parseArgs({args: argv, options: {help: {type: 'boolean', short: 'h'}}, allowPositionals: true})
  } catch (error) {
    return fail(2, `${reason(error)}\n\n${usage}`)
  }
  const [folder = '.', ...rest] = call.positionals
  if (call.values.help) return say(usage)
  if (rest.length > 0) return fail(2, `it takes one folder\n\n${usage}`)
  const dir = resolve(folder)
  try {
    const inTheWay = contents(dir).find(name => !harmless.has(name))
    if (inTheWay !== undefined)
      return fail(1, `${dir} is not empty, it holds ${inTheWay}: name a new folder\n`)
    make(dir)
  } catch (error) {
    return fail(1, `${reason(error)}\n`)
  }
  return say(nextSteps(dir))
}

/** @param {string} dir @returns {string[]} nothing, if there is no such folder */
function contents(dir) {
  return existsSync(dir) ? readdirSync(dir) : []
}

/** @param {string} dir */
function make(dir) {
  const files = readdirSync(template, {recursive: true, withFileTypes: true}).filter(entry => entry.isFile())
  for (const entry of files) {
    const from = join(entry.parentPath, entry.name)
    const file = relative(template, from)
    const to = join(dir, packedAs.get(file) ?? file)
    mkdirSync(dirname(to), {recursive: true})
    const content = file === 'package.json' ? manifest(from, nameOf(dir)) : readFileSync(from)
    // Nothing is written over, not even what appeared since we looked.
    writeFileSync(to, content, {flag: 'wx'})
  }
}

/**
 * The template's package.json, with the app's name and with the candy-ws that this creator was published beside.
 *
 * @param {string} file
 * @param {string} name
 */
function manifest(file, name) {
  const {version} = /** @type {{version: string}} */ (readJson(join(home, 'package.json')))
  const made = /** @type {{dependencies: Record<string, string>}} */ (readJson(file))
  const dependencies = {...made.dependencies, 'candy-ws': `^${version}`}
  return `${JSON.stringify({...made, name, dependencies}, null, 2)}\n`
}

/** @param {string} file @returns {unknown} */
function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** @param {string} dir @returns {string} the folder's name, as far as npm takes it */
function nameOf(dir) {
  const plain = basename(dir).normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const name = plain.replace(/[^a-z0-9._-]+/g, '-').replace(/^[._-]+|-+$/g, '')
  return name.slice(0, 214) || 'candy-app'
}

/** @param {string} dir */
function nextSteps(dir) {
  const way = relative('', dir)
  const enter = way === '' ? '' : `  cd ${/^[\w./-]+$/.test(way) ? way : `"${way}"`}\n`
  return `Made a Candy app in ${dir}

${enter}  npm install
  npm run dev    # http://127.0.0.1:3000
  npm test
`
}

/** @param {string} text */
function say(text) {
  process.stdout.write(text)
  return 0
}

/** @param {number} code @param {string} text */
function fail(code, text) {
  process.stderr.write(`create-candy-ws: ${text}`)
  return code
}

/** @param {unknown} error */
function reason(error) {
  // Node goes on with a lesson on positional arguments.
  return error instanceof Error ? error.message.split(/\.\s/)[0] : String(error)
}
