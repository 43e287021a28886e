import {once} from 'node:events'
import {textFrame} from '#candy/rooms/frame.js'
import {constants, deflateRawSync} from 'node:zlib'
import {describe, expect, it} from 'vitest'
import {WebSocket} from 'ws'
import {framedPair} from '../support/framed-pair.js'
import {frame, rawClient} from '../support/frames.js'
import {serve} from '../support/serve-handlers.js'

const offer = (params = '') => ({headers: {'Sec-WebSocket-Extensions': `permessage-deflate${params}`}})
const compressed = 0x40
const eachByItself = {serverNoContextTakeover: true, clientNoContextTakeover: true}

/** A message as a client compresses it, in one frame. */
function deflated(text: string): Buffer {
  const bytes = deflateRawSync(text, {finishFlush: constants.Z_SYNC_FLUSH}).subarray(0, -4)
  const made = frame(bytes, 1)
  made[0]! |= compressed
  return made
}

/** Serves an echo with compression. */
async function echo(limits = {}) {
  return serve(Candy => void Candy.ws.on('message', data => Candy.ws.send(data)), {
    perMessageDeflate: true,
    limits,
  })
}

const long = JSON.stringify(Array.from({length: 300}, (_, n) => ({n, text: 'hello'})))

describe('perMessageDeflate', () => {
  it('is off unless it is asked for', async () => {
    const {url} = await serve(Candy => void Candy.ws.send(long))
    const client = (await rawClient(url)).open('/', offer())
    expect(await client.head).not.toMatch(/permessage-deflate/i)
  })

  it('agrees to messages that stand by themselves, in both directions', async () => {
    const {url} = await echo()
    const client = (await rawClient(url)).open('/', offer('; client_max_window_bits'))
    expect(await client.head).toMatch(
      /Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r?$/im,
    )
  })

  it('hears and answers a real client, long and short, in order', async () => {
    const {url} = await echo()
    const client = new WebSocket(url.replace('http', 'ws'), {perMessageDeflate: {threshold: 0}})
    const texts = [long, 'short', `text: ${long.repeat(5)}`, 'é'.repeat(2_000), '']
    const heard: string[] = []
    client.on('open', () => texts.forEach(text => client.send(text)))
    client.on('message', data => heard.push((data as Buffer).toString()))
    while (heard.length < texts.length) await once(client, 'message')
    client.close()
    expect(heard).toEqual(texts)
  })

  it('keeps neither a compressor nor a decompressor for a connection', async () => {
    const {outbox, server, client, heard, hears} = await framedPair(eachByItself)
    server.opened(65_536)
    server.on('message', data => outbox.send(textFrame((data as Buffer).toString())))
    client.send(long)
    // A message in fragments is left to ws, which must not keep what that took either.
    client.send(long.slice(0, 50), {fin: false})
    client.send(long.slice(50))
    client.send(long)
    await hears(3)
    expect(heard).toEqual([long, long, long])
    const {_extensions: extensions} = server as unknown as {_extensions: Record<string, object>}
    expect(extensions['permessage-deflate']).toMatchObject({_deflate: null, _inflate: null})
    client.close()
  })

  it('keeps no more memory of a message than it has bytes, whole or in fragments', async () => {
    const {server, client} = await framedPair(eachByItself)
    server.opened(65_536)
    const held: Buffer[] = []
    server.on('message', data => held.push(data as Buffer))
    client.send('short', {compress: true})
    client.send('short ', {compress: true, fin: false})
    client.send('too')
    while (held.length < 2) await once(server, 'message')
    expect(held.map(String)).toEqual(['short', 'short too'])
    // What is shared with others is node's own pool of 8 KiB.
    for (const {buffer} of held) expect(buffer.byteLength).toBeLessThanOrEqual(8_192)
    client.close()
  })

  it('compresses nothing for a client that asks for a smaller window', async () => {
    const {url} = await serve(Candy => void Candy.ws.send(long), {perMessageDeflate: true})
    const client = (await rawClient(url)).open('/', offer('; server_max_window_bits=10'))
    expect(await client.head).toMatch(/server_max_window_bits=10/)
    expect((await client.next()).payload.toString()).toBe(long)
  })

  it('row 36: refuses what grows above maxPayload with 1009, and hands none of it on', async () => {
    const heard: unknown[] = []
    const {url} = await serve(Candy => void Candy.ws.on('message', data => heard.push(data)), {
      perMessageDeflate: true,
      limits: {maxPayload: 10_000},
    })
    const client = (await rawClient(url)).open('/', offer())
    await client.head
    client.write(deflated('x'.repeat(10_001)))
    const {opcode, payload} = await client.next()
    expect([opcode, payload.readUInt16BE()]).toEqual([8, 1009])
    expect(heard).toEqual([])
  })

  it('takes exactly maxPayload', async () => {
    const {url} = await echo({maxPayload: 10_000})
    const client = (await rawClient(url)).open('/', offer())
    await client.head
    client.write(deflated('x'.repeat(10_000)))
    const answer = await client.next()
    expect(answer.opcode).toBe(1)
  })

  it('refuses what is no compressed data with 1007', async () => {
    const {url} = await echo()
    const client = (await rawClient(url)).open('/', offer())
    await client.head
    const broken = frame(Buffer.from([0xff, 0xff, 0xff, 0xff]), 1)
    broken[0]! |= compressed
    client.write(broken)
    const {opcode, payload} = await client.next()
    expect([opcode, payload.readUInt16BE()]).toEqual([8, 1007])
  })

  it('refuses text that is not UTF-8 once it is decompressed with 1007', async () => {
    const {url} = await echo()
    const client = (await rawClient(url)).open('/', offer())
    await client.head
    const bytes = deflateRawSync(Buffer.from([0xc3, 0x28]), {finishFlush: constants.Z_SYNC_FLUSH})
    const broken = frame(bytes.subarray(0, -4), 1)
    broken[0]! |= compressed
    client.write(broken)
    const {opcode, payload} = await client.next()
    expect([opcode, payload.readUInt16BE()]).toEqual([8, 1007])
  })

  it('compresses a broadcast once', async () => {
    const {url, app, connect} = await serve(Candy => void Candy.ws.join('room'), {perMessageDeflate: true})
    const members = await Promise.all([1, 2, 3].map(async () => (await rawClient(url)).open('/', offer())))
    await Promise.all(members.map(({head}) => head))
    const plain = await connect('/')
    app.Route.wsServer.toRoom('room', long)
    const frames = await Promise.all(members.map(member => member.next()))
    expect(new Set(frames.map(({payload}) => payload.toString('hex'))).size).toBe(1)
    expect(frames[0]!.payload.length).toBeLessThan(long.length / 5)
    expect(await plain.next()).toEqual(JSON.parse(long))
  })
})
