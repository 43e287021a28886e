/** How many messages are remembered: as many as may be under way on different channels at once. */
const most = 4_096

/** Which messages were heard already, of those that come on several channels. */
export class Seen {
  readonly #keys = new Set<string>()

  /** @param id `undefined`: it comes on one channel only */
  isNew(from: string, id: string | undefined): boolean {
    if (id === undefined) return true
    const key = `${from} ${id}`
    if (this.#keys.has(key)) return false
    this.#keys.add(key)
    if (this.#keys.size > most) this.#keys.delete(this.#keys.values().next().value!)
    return true
  }
}
