interface Question {
  readonly question: string
  readonly value: never
  readonly number: number
}

type Answers = Readonly<Record<string, (value: never) => unknown>>

/** Answers what `Child.ask()` asks, one function for each question, and ends when stdin closes. */
export function answer(answers: Answers): void {
  process.stdin.on('end', () => process.exit()).resume()
  process.on('message', message => void reply(answers, message as Question))
}

async function reply(answers: Answers, {question, value, number}: Question): Promise<void> {
  try {
    const asked = answers[question]
    if (!asked) throw new Error(`nobody answers ${question}`)
    process.send!({answers: number, value: await asked(value)})
  } catch (error) {
    process.send!({
      answers: number,
      fault: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
  }
}

/** Tells something unasked. */
export function tell(event: unknown): void {
  process.send!({event})
}
