/** A bus is asked for by its URL, and nothing is installed to speak to it. */
export class MissingPackage extends Error {
  override readonly name = 'MissingPackage'
  /** @param packages any of them will do */
  constructor(readonly packages: readonly string[]) {
    super(
      packages.length === 1
        ? `${packages[0]} is not installed`
        : `neither ${packages.join(' nor ')} is installed`,
    )
  }
}

/** What a package exports; `undefined` where it is not installed. */
export async function installed<T>(load: () => Promise<T>): Promise<T | undefined> {
  try {
    return await load()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}
