/**
 * The one guard around every function a user gives us: what it throws and what it rejects with end in `onError`,
 * `null` and `undefined` included. A function that is done at once costs no promise.
 */
export function guard<A extends readonly unknown[]>(
  fn: (...args: A) => unknown,
  args: A,
  onError: (error: unknown) => unknown,
): Promise<void> | undefined {
  try {
    const result = fn(...args)
    return isThenable(result) ? settle(result, onError) : undefined
  } catch (error) {
    const told = onError(error)
    return isThenable(told) ? settled(told) : undefined
  }
}

/** The same for who is called for each message: what the functions work on is given to them, so none is made anew. */
export function guardFor<T>(
  subject: T,
  fn: (subject: T) => unknown,
  onError: (subject: T, error: unknown) => unknown,
): Promise<void> | undefined {
  try {
    const result = fn(subject)
    return isThenable(result) ? settle(result, error => onError(subject, error)) : undefined
  } catch (error) {
    const told = onError(subject, error)
    return isThenable(told) ? settled(told) : undefined
  }
}

async function settle(result: PromiseLike<unknown>, onError: (error: unknown) => unknown): Promise<void> {
  try {
    await result
  } catch (error) {
    await onError(error)
  }
}

async function settled(result: unknown): Promise<void> {
  await result
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as {then?: unknown}).then === 'function'
}

/** Runs steps one after the other; only a step that takes time makes the rest wait. */
export function inOrder<T>(items: readonly T[], step: (item: T) => unknown): Promise<void> | undefined {
  for (let index = 0; index < items.length; index += 1) {
    const pending = step(items[index]!)
    if (isThenable(pending)) return restInOrder(pending, items.slice(index + 1), step)
  }
  return undefined
}

async function restInOrder<T>(
  pending: PromiseLike<unknown>,
  items: readonly T[],
  step: (item: T) => unknown,
): Promise<void> {
  await pending
  for (const item of items) await step(item)
}
