/** What was found, line by line, and whether it is as it must be. */
export class Verdict {
  #failed = 0

  /** Something that must be so. */
  must(is: boolean, what: string): void {
    if (!is) this.#failed += 1
    console.log(`${is ? '  ok  ' : 'FAILED'}  ${what}`)
  }

  say(what: string): void {
    console.log(`        ${what}`)
  }

  /** Ends the run with exit code 1 if anything was not as it must be. */
  end(): void {
    console.log(this.#failed === 0 ? '\nheld' : `\n${this.#failed} did not hold`)
    process.exitCode = this.#failed === 0 ? 0 : 1
  }
}

export function kib(bytes: number): string {
  return `${(bytes / 1_024).toFixed(1)} KiB`
}
