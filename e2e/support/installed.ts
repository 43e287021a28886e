import {existsSync} from 'node:fs'
import {chromium, type Browser} from 'playwright-core'
import puppeteer, {type Browser as Firefox} from 'puppeteer-core'

/** A browser that npm does not bring. */
interface Installed {
  readonly name: string
  /** The environment variable that says where it is. */
  readonly variable: string
  readonly places: readonly string[]
  readonly remedy: string
}

const debianChromium: Installed = {
  name: 'Chromium',
  variable: 'CANDY_CHROMIUM',
  places: ['/usr/bin/chromium', '/usr/bin/google-chrome'],
  remedy: 'apt-get install chromium, or say in CANDY_CHROMIUM where one is',
}

const firefoxEsr: Installed = {
  name: 'Firefox',
  variable: 'CANDY_FIREFOX',
  places: ['/usr/bin/firefox-esr', '/usr/bin/firefox'],
  remedy: 'apt-get install firefox-esr, or say in CANDY_FIREFOX where one is',
}

function placeOf({variable, places}: Installed): string | undefined {
  return process.env[variable] ?? places.find(place => existsSync(place))
}

/** Says which tests do not run, and what would make them run. */
function isHere(browser: Installed): boolean {
  if (placeOf(browser) !== undefined) return true
  console.warn(`Skipped, as there is no ${browser.name} here: ${browser.remedy}`)
  return false
}

/**
 * Whether there is a Chromium that was installed: its back-forward cache is what the one from npm lacks.
 *
 * @throws in CI, if there is none
 */
export function hasDebianChromium(): boolean {
  if (isHere(debianChromium)) return true
  if (process.env.CI) throw new Error(`No Chromium is installed: ${debianChromium.remedy}`)
  return false
}

/** Whether there is a Firefox. */
export function hasFirefox(): boolean {
  return isHere(firefoxEsr)
}

/** The Chromium that was installed, headless, and with a back-forward cache, which Playwright's default takes away. */
export async function launchDebianChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: placeOf(debianChromium)!,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })
}

/** The Firefox that was installed, headless, over WebDriver BiDi. */
export async function launchFirefox(): Promise<Firefox> {
  return puppeteer.launch({browser: 'firefox', executablePath: placeOf(firefoxEsr)!, headless: true})
}
