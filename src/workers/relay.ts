import {toRelay, type FromRelay, type ToRelay} from '../cluster/relay-message.js'

/** A worker, as the relay sees it. */
export interface Peer {
  /** @param done is called when it is on its way, or cannot be sent */
  send(message: FromRelay, done: (error: Error | null) => void): void
}

/** Bytes that may wait for one worker. One that takes no more is stuck: it must not take the others' memory. */
const maxWaiting = 16 * 1024 * 1024

/** About what a message costs beside its bytes. */
const overhead = 200

/** A node in a worker. */
interface Node {
  readonly id: string
  readonly line: Line
  readonly channels: Set<string>
}

/**
 * Carries the messages of the built-in bus from worker to worker: only to those that listen, and never back. Whoever takes them
 * too slowly misses some, and is told so.
 */
export class Relay {
  readonly #lines = new Map<Peer, Line>()
  readonly #nodes = new Map<string, Node>()
  readonly #listening = new Map<string, Set<Node>>()

  /** Anything that a worker has sent. */
  hear(peer: Peer, sent: unknown): void {
    const message = toRelay(sent)
    if (!message) return
    if (message.act === 'ping') return this.#done(this.#lineOf(peer), message)
    const node = this.#nodeOf(peer, message)
    if (!node) return
    if (message.act === 'publish') return this.#pass(node, message.channel, message.message)
    if (message.act === 'close') return this.#forget(node)
    if (message.act === 'open') this.#open(node, message.channels)
    if (message.act === 'subscribe') this.#listen(node, message.channel)
    if (message.act === 'unsubscribe') this.#stop(node, message.channel)
    this.#done(node.line, message)
  }

  /** A worker has ended. */
  left(peer: Peer): void {
    const line = this.#lines.get(peer)
    if (!line) return
    this.#lines.delete(peer)
    const gone = [...this.#nodes.values()].filter(node => node.line === line)
    for (const node of gone) this.#forget(node)
    for (const {id} of gone)
      for (const other of this.#nodes.values())
        other.line.say({candy: 'relay', node: other.id, told: 'gone', gone: id})
  }

  /** @returns `undefined` if it has not begun, or is another worker's */
  #nodeOf(peer: Peer, {node: id, act}: ToRelay): Node | undefined {
    const known = this.#nodes.get(id)
    const line = this.#lineOf(peer)
    if (known) return known.line === line ? known : undefined
    if (act !== 'open') return undefined
    const node = {id, line, channels: new Set<string>()}
    this.#nodes.set(id, node)
    return node
  }

  #lineOf(peer: Peer): Line {
    let line = this.#lines.get(peer)
    if (!line) this.#lines.set(peer, (line = new Line(peer)))
    return line
  }

  #done(line: Line, {node, ask}: {node: string; ask: number}): void {
    line.say({candy: 'relay', node, told: 'done', ask})
  }

  #pass(from: Node, channel: string, message: Uint8Array): void {
    for (const node of this.#listening.get(channel) ?? [])
      if (node !== from) node.line.pass(node.id, channel, message)
  }

  #open(node: Node, channels: readonly string[]): void {
    for (const channel of node.channels) this.#stop(node, channel)
    for (const channel of channels) this.#listen(node, channel)
  }

  #listen(node: Node, channel: string): void {
    node.channels.add(channel)
    const listening = this.#listening.get(channel)
    if (listening) listening.add(node)
    else this.#listening.set(channel, new Set([node]))
  }

  #stop(node: Node, channel: string): void {
    node.channels.delete(channel)
    const listening = this.#listening.get(channel)
    listening?.delete(node)
    if (listening?.size === 0) this.#listening.delete(channel)
  }

  #forget(node: Node): void {
    for (const channel of node.channels) this.#stop(node, channel)
    this.#nodes.delete(node.id)
  }
}

/** What goes to one worker, and how much of it waits. */
class Line {
  readonly #peer: Peer
  #waiting = 0
  /** Nodes that have missed something, and do not know it. */
  readonly #missed = new Set<string>()

  constructor(peer: Peer) {
    this.#peer = peer
  }

  say(message: FromRelay): void {
    this.#send(message, overhead)
  }

  pass(node: string, channel: string, message: Uint8Array): void {
    // Until it has taken most of what waits, so that it does not miss one message here and one there.
    const isFull = this.#missed.size > 0 || this.#waiting > maxWaiting
    if (isFull) this.#missed.add(node)
    else this.#send({candy: 'relay', node, told: 'message', channel, message}, message.byteLength + overhead)
  }

  #send(message: FromRelay, size: number): void {
    this.#waiting += size
    this.#peer.send(message, () => {
      this.#waiting -= size
      if (this.#missed.size > 0 && this.#waiting < maxWaiting / 2) this.#tell()
    })
  }

  #tell(): void {
    const missed = [...this.#missed]
    this.#missed.clear()
    for (const node of missed) this.#send({candy: 'relay', node, told: 'missed'}, overhead)
  }
}
