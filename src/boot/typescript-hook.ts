import type {ResolveHook} from 'node:module'

/**
 * Runs in Node's loader thread, before the compiler's own hook. What compiled files ask of their compiler is found
 * where Candy is installed; and a file that Candy evaluates anew, marked by its query, is the ES module that Candy
 * took it for, though the compiler would hand one without a package type to `require()`, which evaluates it once.
 */
export const resolve: ResolveHook = async (specifier, context, next) => {
  const ofCompiler = specifier.startsWith('@oxc-node/core')
  const found = await next(specifier, ofCompiler ? {...context, parentURL: import.meta.url} : context)
  return specifier.includes('?candy=') ? {...found, format: 'module'} : found
}
