import {mkdirSync, symlinkSync, utimesSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, describe, expect, it, vi} from 'vitest'
import {makeFolder, removeFolders} from '../support/app-folder.js'
import {ask} from '../support/raw.js'
import {serve} from '../support/serve.js'

afterEach(removeFolders)

const files = {
  'public/index.html': '<p>home</p>',
  'public/a.txt': '0123456789',
  'public/both.txt': 'from public',
  'public/app.js': 'export {}',
  'public/style.css': 'p {}',
  'public/data.json': '{}',
  'public/noext': 'bytes',
  'public/with space é.txt': 'spaced',
  'public/empty.txt': '',
  'public/sub/index.html': '<p>sub</p>',
  'public/bare/file.txt': 'x',
  'public/.env': 'PASSWORD=1',
  'public/page': 'a file',
  'web/public/both.txt': 'from web',
  'web/public/b.txt': 'b',
  'outside.txt': 'outside',
}

const site = (dir = makeFolder(files)) =>
  serve({dir}, ({Route}) => {
    Route.page('/page', () => 'a page')
    Route.post('/a.txt', () => 'posted', {token: false})
    Route.page('/bare', () => 'bare')
  })

describe('7. public/', () => {
  it.each([
    ['/', 'text/html; charset=utf-8', '<p>home</p>'],
    ['/index.html', 'text/html; charset=utf-8', '<p>home</p>'],
    ['/a.txt', 'text/plain; charset=utf-8', '0123456789'],
    ['/a.txt?v=1', 'text/plain; charset=utf-8', '0123456789'],
    ['/app.js', 'text/javascript; charset=utf-8', 'export {}'],
    ['/style.css', 'text/css; charset=utf-8', 'p {}'],
    ['/data.json', 'application/json', '{}'],
    ['/noext', 'application/octet-stream', 'bytes'],
    ['/with%20space%20%C3%A9.txt', 'text/plain; charset=utf-8', 'spaced'],
    ['/empty.txt', 'text/plain; charset=utf-8', ''],
    ['/sub', 'text/html; charset=utf-8', '<p>sub</p>'],
    ['/sub/', 'text/html; charset=utf-8', '<p>sub</p>'],
    ['/b.txt', 'text/plain; charset=utf-8', 'b'],
    ['/both.txt', 'text/plain; charset=utf-8', 'from public'],
    ['/page', 'text/html; charset=utf-8', 'a page'],
    ['/bare', 'text/html; charset=utf-8', 'bare'],
    ['/bare/file.txt', 'text/plain; charset=utf-8', 'x'],
  ])('%s is %s', async (path, type, text) => {
    const {url} = await site()
    const response = await fetch(url + path)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type])
    expect(await response.text()).toBe(text)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.getSetCookie()).toEqual([])
  })

  it('answers HEAD, a part, and a part that is not there', async () => {
    const {url} = await site()
    const head = await fetch(`${url}/a.txt`, {method: 'HEAD'})
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '10', ''])
    const part = await fetch(`${url}/a.txt`, {headers: {range: 'bytes=2-4'}})
    expect([part.status, await part.text()]).toEqual([206, '234'])
    expect(part.headers.get('content-range')).toBe('bytes 2-4/10')
    expect((await fetch(`${url}/a.txt`, {headers: {range: 'bytes=20-'}})).status).toBe(416)
  })

  it('says when a file was changed', async () => {
    const dir = makeFolder(files)
    utimesSync(join(dir, 'public/a.txt'), 1_000, 1_000)
    const {url} = await site(dir)
    expect((await fetch(`${url}/a.txt`)).headers.get('last-modified')).toBe(new Date(1_000_000).toUTCString())
  })

  it('stands beside routes of other methods: a file answers GET, a post its own', async () => {
    const {url} = await site()
    const post = await fetch(`${url}/a.txt`, {method: 'POST'})
    expect([post.status, await post.text()]).toEqual([200, 'posted'])
    expect((await fetch(`${url}/a.txt`)).status).toBe(200)
    expect((await fetch(`${url}/a.txt`, {method: 'PUT'})).status).toBe(405)
    expect((await fetch(`${url}/b.txt`, {method: 'POST'})).status).toBe(404)
  })

  it.each([
    '/none',
    '/none.html',
    '/bare/',
    '/sub/none',
    '/a.txt/',
    '/a.txt/index.html',
    `/${'n'.repeat(300)}`,
  ])('%s is not there, and answered so', async path => {
    const {url, log} = await serve({dir: makeFolder(files)})
    const response = await fetch(url + path)
    expect([response.status, await response.text()]).toEqual([404, 'Not Found\n'])
    expect(log.errors()).toEqual([])
  })

  it('cuts the answer of a file that cannot be read, with one line in the log', async () => {
    const dir = makeFolder(files)
    // No permission would stop no superuser.
    mkdirSync(join(dir, 'public/odd/index.html'), {recursive: true})
    const printed = vi.spyOn(console, 'error')
    const {url, log} = await site(dir)
    await expect(fetch(`${url}/odd/`).then(response => response.text())).rejects.toThrow()
    expect((await fetch(`${url}/a.txt`)).status).toBe(200)
    expect(log.errors()).toEqual([expect.objectContaining({message: 'a file of public/ cannot be read'})])
    expect(log.errors()[0]!['error']).toContain('EISDIR')
    expect(printed).not.toHaveBeenCalled()
    printed.mockRestore()
  })

  it('follows links as they are', async () => {
    const dir = makeFolder(files)
    symlinkSync(join(dir, 'outside.txt'), join(dir, 'public/link.txt'))
    symlinkSync(join(dir, 'nowhere'), join(dir, 'public/dead.txt'))
    const {url} = await site(dir)
    expect(await (await fetch(`${url}/link.txt`)).text()).toBe('outside')
    expect((await fetch(`${url}/dead.txt`)).status).toBe(404)
  })

  it.each([
    '/.env',
    '/%2eenv',
    '/sub/..%2f.env',
    '/../outside.txt',
    '/..%2foutside.txt',
    '/..%2Foutside.txt',
    '/%2e%2e/outside.txt',
    '/%2e%2e%2foutside.txt',
    '/%252e%252e/outside.txt',
    '/%252e%252e%252foutside.txt',
    '/..\\outside.txt',
    '/..%5coutside.txt',
    '/..%255coutside.txt',
    '/sub/./../../outside.txt',
    '/sub//../outside.txt',
    '//outside.txt',
    '/./outside.txt',
    '/a.txt%00',
    '/a.txt%00.html',
    '/%00',
    '/\u0000/a.txt',
    '/etc/passwd',
    '///etc/passwd',
    '/file:/etc/passwd',
    '/~/outside.txt',
    '/%c0%ae%c0%ae/outside.txt',
    '/%u002e%u002e/outside.txt',
    '/.%09./outside.txt',
    '/%e2%80%a4%e2%80%a4/outside.txt',
    '/sub/..;/..;/outside.txt',
  ])('gives nothing away at %j', async target => {
    const {port, log} = await site()
    const answer = await ask(port, `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)
    expect([400, 404]).toContain(answer.status)
    expect(log.errors()).toEqual([])
  })
})
