/**
 * Keys and channels of one app. What is written and told together stands in one slot of a Redis Cluster, so that one connection
 * carries both, in order.
 */
export class RedisNames {
  /** Which owners of leases live: a sorted set of when their time ends, by the server's clock. */
  readonly owners: string
  /** Who is denied: a sorted set of when that ends. */
  readonly denials: string
  /** Where a denial is told. */
  readonly denied: string
  readonly #prefix: string
  readonly #messages: string
  readonly #watches: string

  /** @throws TypeError */
  constructor(prefix: string) {
    if (!/^[\w:.-]{1,64}$/.test(prefix))
      throw new TypeError('prefix: 1 to 64 letters, digits and any of : . _ -')
    this.#prefix = prefix
    this.owners = `${prefix}:owners`
    this.denials = `${prefix}:{denials}`
    this.denied = `${prefix}:{denials}:told`
    this.#messages = `${prefix}:m:`
    this.#watches = `${prefix}:w:{`
  }

  message(channel: string): string {
    return this.#messages + channel
  }

  /** Where changes of a group's leases are told. */
  watch(group: string): string {
    return `${this.#watches}${group}}`
  }

  /** A hash: `<owner>:<id>` to value. */
  leases(group: string): string {
    return `${this.#prefix}:l:{${group}}`
  }

  /** The groups in which an owner has leases. */
  groups(owner: string): string {
    return `${this.#prefix}:g:${owner}`
  }

  /** Who clears up after an owner that is dead. */
  clearing(owner: string): string {
    return `${this.#prefix}:c:${owner}`
  }

  /** The channel of a message that was heard, or the group of a watch. */
  read(name: string): {readonly channel?: string; readonly group?: string} {
    if (name.startsWith(this.#messages)) return {channel: name.slice(this.#messages.length)}
    if (name.startsWith(this.#watches)) return {group: name.slice(this.#watches.length, -1)}
    return {}
  }
}
