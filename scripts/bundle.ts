import {rolldown, type OutputChunk} from 'rolldown'

export interface BundleOptions {
  /** `iife`: a classic script; `es`: a module. */
  readonly format: 'iife' | 'es'
  /** What stands in for a name. */
  readonly define?: Readonly<Record<string, string>>
  /** Imports that are left as they are. */
  readonly external?: RegExp
}

/** Makes one minified file of a module and all that it imports. @throws Error for what rolldown only warns of */
export async function bundle(
  input: string,
  {format, define = {}, external}: BundleOptions,
): Promise<OutputChunk> {
  const warnings: string[] = []
  const build = await rolldown({
    input,
    ...(external && {external}),
    platform: 'browser',
    transform: {define: {...define}, target: 'es2022'},
    onLog: (level, {message}) => void (level === 'warn' && warnings.push(message)),
  })
  try {
    const {output} = await build.generate({format, minify: true, strict: true, codeSplitting: false})
    if (warnings.length > 0) throw new Error(warnings.join('\n'))
    return output[0]
  } finally {
    await build.close()
  }
}
