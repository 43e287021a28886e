import {resolve} from 'node:path'
import {readConfig} from '../boot/options.js'
import {createEmitter} from '../emitter.js'
import {Problems} from '../errors.js'
import {refuseOption} from '../options.js'

/** Sends one message to a room of an app that runs elsewhere, over its bus: that of the config file here, or `CANDY_BUS`. */
export async function send(room: string, json: string): Promise<number> {
  const data = parsed(json)
  const problems = new Problems()
  const {bus = process.env.CANDY_BUS} = await readConfig(resolve('.'), problems)
  problems.throwIfAny()
  if (!bus)
    return refuseOption(
      'candy send',
      'there is no bus to send over',
      'Set CANDY_BUS=redis://127.0.0.1:6379 as the app has it, or run it in the folder of its candy.config.',
    )
  const emitter = await createEmitter({bus})
  await emitter.toRoom(room, data)
  await emitter.close()
  process.stdout.write(`sent to ${room}\n`)
  return 0
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown
  } catch (error) {
    return refuseOption(
      'candy send',
      `the message is no JSON: ${(error as Error).message}`,
      `Quote it for the shell: candy send lobby '{"type":"news","text":"hi"}'.`,
    )
  }
}
