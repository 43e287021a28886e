import type {AttachTarget} from 'candy-ws'
import type {Server} from 'node:http'

/** A server that people have, before Candy comes to it. */
export interface Host {
  readonly name: string
  /** What it has of its own, and `use()` uses. */
  readonly own: string
  /** Default `http`. */
  readonly scheme?: 'https'
  /** Takes so much of the processor that what others wait for comes late. */
  readonly busy?: boolean
  /** Makes it, as far as there is something to attach to: what is its own is not registered yet. */
  make(): Promise<MadeHost>
}

export interface MadeHost {
  /** What its user hands to `attach()`. */
  readonly target: AttachTarget
  /** The node server behind it. */
  readonly server: Server
  /** Registers what is its own, and listens on a free port of 127.0.0.1. */
  open(): Promise<number>
  /** Uses what is its own, as its clients do. Rejects if that does not work. */
  use(port: number): Promise<void>
  close(): Promise<void>
}
