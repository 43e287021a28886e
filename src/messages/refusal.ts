import type {Limits} from '../limits.js'

/** How deep a message may be, and how wide. */
export type ShapeLimits = Pick<Limits, 'maxDepth' | 'maxNodes'>

/** One fault of a message: where, the rule's key, and what the rule says. Never the value. */
export interface Detail {
  /** Dotted, with array indexes: `lines.0.sku`; empty for the message itself. */
  readonly path: string
  /** The key of the class-validator constraint, or `shape`. */
  readonly rule: string
  readonly message: string
}

/** A client is told this many faults of one message. */
export const maxDetails = 5

/** A message that its class refuses. Returned, not thrown: a client can cause as many as it likes. */
export class Refusal {
  /** @param exceeded the limit that the message exceeds, if it is refused for that */
  constructor(
    readonly details: readonly Detail[],
    readonly exceeded?: keyof ShapeLimits,
  ) {}
}

export function misshapen(path: string, message: string, exceeded?: keyof ShapeLimits): Refusal {
  return new Refusal([{path, rule: 'shape', message}], exceeded)
}
