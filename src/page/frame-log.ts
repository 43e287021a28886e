import type {Frame} from './frame.js'

export interface FrameLogLimits {
  /** Default: 10,000. */
  readonly frames?: number
  /** Characters and bytes of all frames together. Default: 64 million. */
  readonly size?: number
}

/** Which frames are shown. */
export interface FrameFilter {
  readonly way: Frame['way'] | 'all'
  /** In lower case; `''` is in every frame. */
  readonly text: string
}

/** The last frames of a connection, and those of them that a filter lets through. */
export class FrameLog {
  readonly #most: Required<FrameLogLimits>
  #kept: Frame[] = []
  #shown: Frame[] = []
  #size = 0
  #filter: FrameFilter = {way: 'all', text: ''}

  constructor({frames = 10_000, size = 64_000_000}: FrameLogLimits = {}) {
    this.#most = {frames, size}
  }

  /** Those that the filter lets through, oldest first. */
  get shown(): readonly Frame[] {
    return this.#shown
  }

  get count(): number {
    return this.#kept.length
  }

  /** @returns how many of those that were shown are gone for it */
  append(frames: readonly Frame[]): number {
    for (const frame of frames) {
      this.#kept.push(frame)
      this.#size += frame.data.length
      if (this.#passes(frame)) this.#shown.push(frame)
    }
    return this.#trim()
  }

  filter(filter: FrameFilter): void {
    this.#filter = filter
    this.#shown = this.#kept.filter(frame => this.#passes(frame))
  }

  clear(): void {
    this.#kept = []
    this.#shown = []
    this.#size = 0
  }

  #trim(): number {
    let gone = 0
    while (
      this.#kept.length - gone > this.#most.frames ||
      (this.#size > this.#most.size && this.#kept.length - gone > 1)
    )
      this.#size -= this.#kept[gone++]!.data.length
    if (gone === 0) return 0
    this.#kept.splice(0, gone)
    const oldest = this.#kept[0]!.id
    const before = this.#shown.findIndex(({id}) => id >= oldest)
    return this.#shown.splice(0, before < 0 ? this.#shown.length : before).length
  }

  #passes({way, data}: Frame): boolean {
    const {way: wanted, text} = this.#filter
    if (wanted !== 'all' && wanted !== way) return false
    return text === '' || (typeof data === 'string' && data.toLowerCase().includes(text))
  }
}
