/** Resolves at SIGTERM or SIGINT; a second signal ends the process at once. */
export function firstSignal(): Promise<void> {
  return new Promise(resolve => {
    const signals = ['SIGTERM', 'SIGINT'] as const
    const asked = () => {
      // In this order: a signal without any listener is let go, and one that has come already with it.
      for (const signal of signals) process.once(signal, force).off(signal, asked)
      resolve()
    }
    for (const signal of signals) process.once(signal, asked)
  })
}

function force(): never {
  process.exit(1)
}
