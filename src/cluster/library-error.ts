/**
 * What a client library says, without what it was said to: ioredis keeps the command with its arguments, and so the password,
 * and Redis repeats what it does not understand.
 */
export function libraryError(error: unknown): Error {
  const words = error instanceof Error ? error.message || error.name : String(error)
  return new Error(words.replace(/, with args beginning with:.*/s, ''))
}

/** As it is, where it resolves. */
export function withoutSecrets<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw libraryError(error)
  })
}
