interface Range {
  readonly from: number
  readonly to: number
  /** Of the master. */
  readonly id: string
}

/** Which master has which slots of a Redis Cluster: as `CLUSTER SLOTS` says, which old servers know too. */
export class RedisSlots {
  /** The same for the same slots on the same servers. */
  readonly words: string
  readonly #ranges: readonly Range[]
  #owners: (string | undefined)[] | undefined

  constructor(reply: unknown) {
    this.#ranges = listOf(reply)
      .map(range => {
        const [from, to, master] = listOf(range)
        return {from: Number(from), to: Number(to), id: String(listOf(master)[2])}
      })
      .toSorted((one, other) => one.from - other.from)
    this.words = this.#ranges.map(({from, to, id}) => `${from}-${to} ${id}`).join()
  }

  /** @returns the id of the server, as `CLUSTER MYID` says it; `undefined`: the cluster is not whole */
  ownerOf(key: string): string | undefined {
    return (this.#owners ??= this.#all())[slotOf(key)]
  }

  #all(): (string | undefined)[] {
    const owners = Array.from<string | undefined>({length: slotCount})
    for (const {from, to, id} of this.#ranges) owners.fill(id, from, to + 1)
    return owners
  }
}

const slotCount = 16_384

function listOf(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : []
}

/** The slot of a key, as the Redis Cluster specification has it: of what stands in its first braces, if anything does. */
export function slotOf(key: string): number {
  const open = key.indexOf('{')
  const close = key.indexOf('}', open + 1)
  const tag = open >= 0 && close > open + 1 ? key.slice(open + 1, close) : key
  let crc = 0
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8
    // CRC-16/XMODEM
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  }
  return crc & (slotCount - 1)
}
