/** Resolves at SIGTERM or SIGINT; a second signal ends the process at once. */
export function firstSignal(): Promise<void> {
  return new Promise(resolve => {
    const signals = ['SIGTERM', 'SIGINT'] as const
    const asked = () => {
      for (const signal of signals) process.off(signal, asked).once(signal, force)
      resolve()
    }
    for (const signal of signals) process.once(signal, asked)
  })
}

function force(): never {
  process.exit(1)
}
