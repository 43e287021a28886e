import {createApp, type App} from '../app.js'

/**
 * Loads an app to read it. What its own code prints meanwhile goes to stderr: stdout is for what the command writes, into
 * a file or another program.
 */
export async function loadToRead(dir: string): Promise<App> {
  const write = Reflect.get(process.stdout, 'write')
  process.stdout.write = process.stderr.write.bind(process.stderr)
  try {
    const app = await createApp({dir})
    await app.close()
    return app
  } finally {
    process.stdout.write = write
  }
}
