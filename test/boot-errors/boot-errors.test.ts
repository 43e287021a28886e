import {BootError, createApp, type Problem} from 'candy-ws'
import {afterAll, describe, expect, it} from 'vitest'
import {makeFolder, removeFolders} from '../support/app-folder.js'
import {candy} from '../support/candy.js'
import {controllerFaults} from './controller-faults.js'
import {placeOf} from './fault.js'
import {routeFaults} from './route-faults.js'
import {serviceFaults} from './service-faults.js'

afterAll(removeFolders)

async function problemsOf(files: Readonly<Record<string, string>>): Promise<readonly Problem[]> {
  const app = await createApp({dir: makeFolder(files)}).catch((error: unknown) => error)
  expect(app).toBeInstanceOf(BootError)
  return (app as BootError).problems
}

const faults = [...routeFaults, ...controllerFaults, ...serviceFaults]
const all = Object.assign({}, ...faults.map(fault => fault.files)) as Record<string, string>

describe('boot refuses, naming place and remedy', () => {
  it.each(faults)('$name', async fault => {
    const problems = await problemsOf(fault.files)
    expect(problems.map(({code, place}) => ({code, place}))).toEqual([
      {code: fault.code, place: placeOf(fault)},
    ])
    for (const text of fault.says) expect(problems[0]!.message).toContain(text)
    expect(problems[0]!.remedy).toContain(fault.remedy)
  })
})

describe('an app with many faults', () => {
  it('rejects with one error that lists them all', async () => {
    const problems = await problemsOf(all)
    const found = problems.map(({code, place}) => `${code} ${place}`).toSorted()
    expect(found).toEqual(faults.map(fault => `${fault.code} ${placeOf(fault)}`).toSorted())
  })

  it('makes `candy check` list them all on stderr and exit with 1', async () => {
    const {code, stdout, stderr} = await candy('check', makeFolder(all))
    expect(code).toBe(1)
    expect(stdout).toBe('')
    for (const fault of faults) {
      const lines = stderr.split('\n')
      const at = lines.findIndex(line => line.startsWith(`${placeOf(fault)}  `) && line.includes(fault.code))
      expect(lines[at], fault.name).toBeDefined()
      for (const text of fault.says) expect(lines[at]).toContain(text)
      expect(lines[at + 1]).toContain(fault.remedy)
    }
  })
})
