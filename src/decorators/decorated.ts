import type {Class} from './notes.js'

/** One set for each load under way; without one, nothing is kept of what is decorated. */
const loads = new Set<Set<Class>>()

/** The classes that `@WsRoute` is applied to while something loads: an export may be forgotten, a decorator runs. */
export async function decoratedDuring(load: () => Promise<void>): Promise<ReadonlySet<Class>> {
  const classes = new Set<Class>()
  loads.add(classes)
  try {
    await load()
  } finally {
    loads.delete(classes)
  }
  return classes
}

export function noteDecorated(cls: Class): void {
  for (const classes of loads) classes.add(cls)
}
