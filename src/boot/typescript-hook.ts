import type {ResolveHook} from 'node:module'

/** Runs in Node's loader thread: what compiled TypeScript asks of its compiler is found where Candy is installed. */
export const resolve: ResolveHook = (specifier, context, next) =>
  next(specifier, specifier.startsWith('@oxc-node/core') ? {...context, parentURL: import.meta.url} : context)
