import type {TestClient} from 'candy-ws/testing'

/** Sends a frame, then one that is always answered, and gives what came before that answer. */
export async function ask(client: TestClient, frame: unknown): Promise<unknown[]> {
  client.send(frame)
  client.send({type: 'end', ref: 'end'})
  const answers: unknown[] = []
  for (;;) {
    const next = await client.next<{ref?: unknown}>()
    if (next?.ref === 'end') return answers
    answers.push(next)
  }
}
