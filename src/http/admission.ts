import type {Duplex} from 'node:stream'
import {addressKey} from '../handshake/address-key.js'
import {bound, type Limit, type Limits} from '../limits.js'

type AdmissionLimits = Pick<Limits, 'maxConnections' | 'maxPendingUpgrades' | 'maxPerIp' | 'acceptRate'>

/** Lets handshakes begin, as long as there are not too many: of one address, in all, at once, in a second. */
export class Admission {
  readonly #limits: AdmissionLimits
  readonly #rate: Rate
  /** Every socket that was let in, with the key of its address, until it is gone. */
  readonly #admitted = new Map<Duplex, string | undefined>()
  readonly #byAddress = new Map<string, number>()

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
    this.#rate = new Rate(limits.acceptRate)
  }

  /**
   * @param address of the client; empty on a Unix socket, which has none
   * @param pending how many handshakes wait for their verdict
   * @returns the limit that it would exceed; `undefined` if it is let in
   */
  admit(socket: Duplex, address: string, pending: number): keyof AdmissionLimits | undefined {
    const key = address === '' ? undefined : addressKey(address)
    const limits = this.#limits
    // One address must not use up what there is for all: it is asked about first.
    if (key !== undefined && this.#of(key) >= bound(limits.maxPerIp)) return 'maxPerIp'
    if (this.#admitted.size >= bound(limits.maxConnections)) return 'maxConnections'
    if (pending >= bound(limits.maxPendingUpgrades)) return 'maxPendingUpgrades'
    if (!this.#rate.passes()) return 'acceptRate'
    this.#admitted.set(socket, key)
    if (key !== undefined) this.#byAddress.set(key, this.#of(key) + 1)
    return undefined
  }

  /** The socket is gone. */
  leave(socket: Duplex): void {
    const key = this.#admitted.get(socket)
    this.#admitted.delete(socket)
    if (key === undefined) return
    const left = this.#of(key) - 1
    if (left > 0) this.#byAddress.set(key, left)
    else this.#byAddress.delete(key)
  }

  #of(key: string): number {
    return this.#byAddress.get(key) ?? 0
  }
}

/** So many per second; after a pause, as many at once. */
class Rate {
  readonly #perSecond: number
  #left: number
  #at = performance.now()

  constructor(limit: Limit) {
    this.#perSecond = bound(limit)
    this.#left = this.#perSecond
  }

  passes(): boolean {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return true
    const now = performance.now()
    this.#left = Math.min(this.#perSecond, this.#left + ((now - this.#at) / 1_000) * this.#perSecond)
    this.#at = now
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }
}
