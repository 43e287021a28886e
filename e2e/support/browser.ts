import {existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {inflate} from '@sparticuz/chromium'
import {chromium, type Browser} from 'playwright-core'
import {beforeAll} from 'vitest'

const packed = dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium')))
const cache = join(import.meta.dirname, '../node_modules/.cache/candy-chromium')

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
]

/**
 * A headless Chromium with a user data folder of its own: the one `CANDY_CHROMIUM` names, else the one that npm brought.
 *
 * @throws if there is none that starts: a test without its browser has not passed
 */
export async function launch(): Promise<Browser> {
  const named = process.env.CANDY_CHROMIUM
  if (named) return chromium.launch({executablePath: named, args: flags})
  const folder = await unpacked()
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
    FONTCONFIG_FILE: join(folder, 'fonts.conf'),
  }
  try {
    return await chromium.launch({executablePath: join(folder, 'chromium'), args: flags, env})
  } catch (error) {
    throw new Error('npm brings Chromium for Linux on x64 only: set CANDY_CHROMIUM to one that runs here', {
      cause: error,
    })
  }
}

/** The browser with the libraries and fonts that it needs, once per version; half of it is never seen. */
async function unpacked(): Promise<string> {
  const {version} = JSON.parse(readFileSync(join(packed, '../package.json'), 'utf8')) as {version: string}
  const folder = join(cache, version)
  if (existsSync(folder)) return folder
  mkdirSync(cache, {recursive: true})
  const staging = mkdtempSync(join(cache, 'unpacking-'))
  const {TMPDIR} = process.env
  // Where inflate() writes to.
  process.env.TMPDIR = staging
  try {
    for (const file of ['chromium.br', 'al2023.tar.br', 'fonts.tar.br'])
      await inflate(join(packed, '../bin', file))
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  }
  writeFileSync(join(staging, 'fonts.conf'), fontsIn(join(folder, 'fonts')))
  try {
    renameSync(staging, folder)
  } catch (error) {
    // Another process was faster.
    rmSync(staging, {recursive: true, force: true})
    if (!existsSync(folder)) throw error
  }
  return folder
}

/** Open Sans comes with the browser; pages look the same on every machine. */
function fontsIn(folder: string): string {
  const alias = (name: string, font: string) =>
    `<alias binding="same"><family>${name}</family><prefer><family>${font}</family></prefer></alias>`
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${folder}-cache</cachedir>
  ${alias('system-ui', 'Open Sans')}
  ${alias('sans-serif', 'Open Sans')}
  ${alias('monospace', 'DejaVu Sans Mono')}
</fontconfig>
`
}

/**
 * A browser for the tests of a file, or of a `describe`: it begins before them and ends after them.
 *
 * @returns gives it, within a test
 */
export function useBrowser<B extends {close(): Promise<void>}>(begin: () => Promise<B>): () => B {
  let browser: B
  beforeAll(async () => {
    browser = await begin()
    return () => browser.close()
  }, 60_000)
  return () => browser
}
