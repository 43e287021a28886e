// Vitest puts a query behind a test file's name, where the TypeScript loader then looks for the extension.
export function load(url, context, next) {
  return next(/\.ts\?vitest=\d+$/.test(url) ? `${url}.ts` : url, context)
}
