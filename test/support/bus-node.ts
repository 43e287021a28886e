import {randomBytes} from 'node:crypto'
import {expect, onTestFinished} from 'vitest'
import type {Bus, BusLink, BusNode, Denial, Lease} from '#candy/rooms/bus.js'

/** A node that writes down what its bus tells it. */
export class NotedNode implements BusNode {
  readonly id = randomBytes(9).toString('base64url')
  /** `channel message`, in the order of hearing. */
  readonly heard: string[] = []
  readonly bytes: Buffer[] = []
  readonly states: ('up' | 'down')[] = []
  readonly errors: Error[] = []
  readonly changes: {group: string; changes: readonly Lease[] | undefined}[] = []
  readonly denials: Denial[] = []
  /** What it holds, for a bus that asks. */
  holds: readonly Lease[] = []

  hear(channel: string, message: Buffer): void {
    this.heard.push(`${channel} ${message.toString()}`)
    this.bytes.push(message)
  }

  up(): void {
    this.states.push('up')
  }

  down(error: Error): void {
    this.states.push('down')
    this.errors.push(error)
  }

  held(): Iterable<Lease> {
    return this.holds
  }

  changed(group: string, changes: readonly Lease[] | undefined): void {
    this.changes.push({group, changes})
  }

  denied(denials: readonly Denial[]): void {
    this.denials.push(...denials)
  }
}

export interface Joined {
  readonly node: NotedNode
  readonly link: BusLink
}

/** A node on a bus, which leaves it when the test is over. */
export function join(bus: Bus, holds: readonly Lease[] = []): Joined {
  const node = new NotedNode()
  node.holds = holds
  const link = bus.connect(node)
  onTestFinished(() => link.close())
  return {node, link}
}

/** Waits until the last thing it was told is this. */
export async function until({node}: Joined, state: 'up' | 'down', timeout = 5_000): Promise<void> {
  await expect.poll(() => node.states.at(-1), {timeout, interval: 10}).toBe(state)
}
