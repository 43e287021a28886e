import type {JsonSchema} from '../describe/description.js'

/** A place where a fault can be shown. */
export interface Spot {
  readonly element: HTMLElement
  /** Shows these faults and no others; an empty list takes them away. */
  fault(messages: readonly string[]): void
  focus(): void
}

/** What becomes of a field that a value does not have: an old form did not know it, or a message is without it. */
export type Missing = 'keep' | 'leave out'

/** What one value is typed into. */
export interface Control {
  readonly element: HTMLElement
  /** What takes the focus; without one, the first field in it. */
  readonly input: HTMLElement | undefined
  /**
   * As it will be sent: nothing is corrected, for trying what is wrong is what this is for. A field that is left out is
   * `undefined`, which JSON leaves out.
   */
  value(): unknown
  fill(value: unknown, missing: Missing): void
  /** Where a fault of this path, below the control's own, is shown; `undefined` if it has no such field. */
  find(path: readonly string[]): Spot | undefined
}

/** Makes the control for a schema. */
export type MakeControl = (schema: JsonSchema, depth: number) => Control
