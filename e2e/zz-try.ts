import {launch} from './support/browser.ts'
import {serve} from '/tmp/w/quick/serve.mjs'
const without: string[] = (process.argv[2] ?? '').split(',').filter(Boolean)
const s = await serve(0, {dropLocksInWorker: without.includes('locks')})
const browser = await launch()
const context = await browser.newContext()
await context.addInitScript((without: string[]) => { if (without.includes('SharedWorker')) delete (globalThis as any).SharedWorker; if (without.includes('locks')) delete (Navigator.prototype as any).locks }, without)
const sleep = (ms: number) => new Promise(r => setTimeout(r, ms))
const open = async (name: string) => { const page = await context.newPage(); page.on('console', m => console.log(name, m.text())); page.on('pageerror', e => console.log(name, 'ERR', e)); await page.goto(s.url)
  await page.evaluate(n => { const w = window as any; w.heard = []; w.log = []; w.ws = w.Candy.ws('/shared?x=1', {shared: true}); w.ws.on('message', (m: any) => w.heard.push(m.n)); for (const e of ['open','close','state','gap','error']) w.ws.on(e, (...a: any[]) => w.log.push([Math.round(performance.now()), e, ...a])) }, name)
  await page.waitForFunction(() => (window as any).ws.connected, undefined, {timeout: 8000}).catch(async () => console.log(name, 'NOT OPEN', await page.evaluate(() => [(window as any).ws.state, JSON.stringify((window as any).log)])))
  return page }
const tabs = []
for (let i = 0; i < 5; i++) tabs.push(await open('tab' + i))
console.log('connections', s.sockets.size, 'tokens', s.tokens())
s.all({type: 'said', n: 1}); s.all({type:'said', n: 2}); await sleep(300)
for (const t of tabs) console.log(JSON.stringify(await t.evaluate(() => (window as any).heard)))
console.log(await tabs[2].evaluate(() => (window as any).ws.request('ask', {q: 1})), JSON.stringify(await tabs[1].evaluate(() => (window as any).heard)))
// crash the first
const cdp = await context.newCDPSession(tabs[0]); const crashed = new Promise(r => tabs[0].on('crash', r)); const t0 = Date.now()
cdp.send('Page.crash').catch(() => {}); await crashed; console.log('crashed after', Date.now() - t0)
const t1 = Date.now(); while (Date.now() - t1 < 4000) { s.all({type:'said', n: 3}); await sleep(50); if (s.sockets.size && (await Promise.all(tabs.slice(1).map(t => t.evaluate(() => (window as any).heard.includes(3))))).every(Boolean)) break }
console.log('all heard after crash in', Date.now() - t1, 'sockets', s.sockets.size)
for (const t of tabs.slice(1)) console.log(JSON.stringify(await t.evaluate(() => (window as any).log)))
await tabs[1].close(); await sleep(300); s.all({type:'said', n: 4}); await sleep(700)
for (const t of tabs.slice(2)) console.log(JSON.stringify(await t.evaluate(() => (window as any).heard.filter((n: number) => n === 4).length)), s.sockets.size)
const closing = Date.now(); for (const t of tabs.slice(2)) await t.close(); while (s.sockets.size && Date.now() - closing < 6000) await sleep(20); console.log('gone after', Date.now() - closing, s.sockets.size)
await browser.close(); await s.close(); process.exit()
