import type {Duplex} from 'node:stream'
import {Bucket} from '../bucket.js'
import {Counts} from '../counts.js'
import {addressKey} from '../handshake/address-key.js'
import {bound, type Limits} from '../limits.js'

type AdmissionLimits = Pick<Limits, 'maxConnections' | 'maxPendingUpgrades' | 'maxPerIp' | 'acceptRate'>

/** Lets handshakes begin, as long as there are not too many: of one address, in all, at once, in a second. */
export class Admission {
  readonly #limits: AdmissionLimits
  readonly #rate: Bucket
  /** Every socket that was let in, with the key of its address, until it is gone. */
  readonly #admitted = new Map<Duplex, string | undefined>()
  readonly #byAddress = new Counts<string>()

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
    this.#rate = new Bucket(bound(limits.acceptRate))
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
    if (key !== undefined && this.#byAddress.of(key) >= bound(limits.maxPerIp)) return 'maxPerIp'
    if (this.#admitted.size >= bound(limits.maxConnections)) return 'maxConnections'
    if (pending >= bound(limits.maxPendingUpgrades)) return 'maxPendingUpgrades'
    if (!this.#rate.take()) return 'acceptRate'
    this.#admitted.set(socket, key)
    if (key !== undefined) this.#byAddress.add(key)
    return undefined
  }

  /** The socket is gone. */
  leave(socket: Duplex): void {
    const key = this.#admitted.get(socket)
    this.#admitted.delete(socket)
    if (key !== undefined) this.#byAddress.remove(key)
  }
}
