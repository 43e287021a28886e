/** How many there are of each. What there is none of takes no room. */
export class Counts<Key> implements Iterable<readonly [Key, number]> {
  readonly #counts = new Map<Key, number>()

  add(key: Key): void {
    this.#counts.set(key, this.of(key) + 1)
  }

  remove(key: Key): void {
    const left = this.of(key) - 1
    if (left > 0) this.#counts.set(key, left)
    else this.#counts.delete(key)
  }

  of(key: Key): number {
    return this.#counts.get(key) ?? 0
  }

  [Symbol.iterator](): Iterator<readonly [Key, number]> {
    return this.#counts.entries()
  }
}
