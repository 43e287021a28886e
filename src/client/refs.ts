/**
 * Tabs that share a connection number their messages alike, so each tab's refs bear its id on the wire, as `~4fzk21.n7`: the answer
 * comes to this tab alone, with the ref that it knows.
 */
const shape = /^~(\w{6})\.([ns])(.*)$/s

/** What a server takes. */
const maxLength = 64

/** The ref as it goes out. One that would be too long for it stays as it is: its answer is heard by all tabs. */
export function refOut(tab: string, ref: unknown): unknown {
  const kind = typeof ref === 'string' ? 's' : 'n'
  if (kind === 'n' && !Number.isFinite(ref)) return ref
  const out = `~${tab}.${kind}${String(ref)}`
  return out.length > maxLength ? ref : out
}

/** The ref as it was given. */
export function refIn(ref: unknown): unknown {
  const [, , kind, given] = matched(ref) ?? []
  if (given === undefined) return ref
  return kind === 'n' ? Number(given) : given
}

/** The tab whose ref it is, if it is one's. */
export function tabOf(ref: unknown): string | undefined {
  return matched(ref)?.[1]
}

function matched(ref: unknown): RegExpExecArray | null {
  return typeof ref === 'string' ? shape.exec(ref) : null
}

export function newTab(): string {
  return Math.random().toString(36).slice(2, 8).padEnd(6, '0')
}
