import type {Fault} from './fault.js'

/** Each in one route or middleware file. */
export const routeFaults: readonly Fault[] = [
  {
    name: 'two routes with one path',
    code: 'DUPLICATE_ROUTE',
    files: {
      'route/duplicate.js': `export default Candy => {
  Candy.Route.ws('/duplicate', () => {})

  Candy.Route.ws('/duplicate/', () => {}) // here
}`,
    },
    says: ['/duplicate matches the same addresses as /duplicate at route/duplicate.js:2'],
    remedy: 'give one another path',
  },
  {
    name: 'two routes that only name a parameter differently',
    code: 'DUPLICATE_ROUTE',
    files: {
      'route/ambiguous.js': `export default Candy => {
  Candy.Route.ws('/ambiguous/{x}', () => {})
  Candy.Route.ws('/ambiguous/<y>', () => {}) // here
}`,
    },
    says: ['/ambiguous/{y} matches the same addresses as /ambiguous/{x} at route/ambiguous.js:2'],
    remedy: 'give one another path',
  },
  {
    name: "a path below Candy's own",
    code: 'MALFORMED_PATH',
    files: {
      'route/reserved.js': `export default Candy => {
  Candy.Route.page('/_candy/mine', () => 'mine') // here
}`,
    },
    says: ['the path "/_candy/mine" is malformed'],
    remedy: "Candy's own",
  },
  {
    name: 'a page and a get with one path',
    code: 'DUPLICATE_ROUTE',
    files: {
      'route/twice.js': `export default Candy => {
  Candy.Route.page('/twice', () => 'page')
  Candy.Route.get('/twice', () => 'get') // here
}`,
    },
    says: ['the get /twice matches the same addresses as the page /twice at route/twice.js:2'],
    remedy: 'give one another path',
  },
  {
    name: 'a class and a function with one path',
    code: 'DUPLICATE_ROUTE',
    files: {
      'controllers/both.ts': `import {OnOpen, WsRoute} from 'candy-ws'

@WsRoute('/both/<id>')
export class Both {
  @OnOpen() opened() {}
}`,
      'route/both.js': `export default Candy => Candy.Route.ws('/both/{name}', () => {}) // here`,
    },
    says: ['/both/{name} matches the same addresses as /both/{id} at controllers/both.ts:3'],
    remedy: 'give one another path',
  },
  {
    name: 'a path that names one parameter twice',
    code: 'DUPLICATE_PARAMETER',
    files: {'route/parameter.js': `export default Candy => Candy.Route.ws('/p/{id}/<id>', () => {}) // here`},
    says: ['/p/{id}/<id>', '{id} twice'],
    remedy: 'its own name',
  },
  ...['no-slash', '/{open', '/{1x}', '/a{b}'].map((path, index): Fault => ({
    name: `the malformed path ${path}`,
    code: 'MALFORMED_PATH',
    files: {
      [`route/malformed-${index}.js`]: `export default Candy =>
  Candy.Route.ws('${path}', () => {}) // here`,
    },
    says: [JSON.stringify(path), 'malformed'],
    remedy: index === 0 ? 'begins with "/"' : '{id} or <id>',
  })),
  {
    name: 'a path as Express writes it',
    code: 'MALFORMED_PATH',
    files: {'route/express.js': `export default Candy => Candy.Route.ws('/d/:id', () => {}) // here`},
    says: ['the path "/d/:id" is malformed'],
    remedy: "write '/d/{id}'",
  },
  {
    name: 'a middleware nobody knows',
    code: 'UNKNOWN_MIDDLEWARE',
    files: {
      'route/unknown.js': `export default Candy => {
  Candy.Route.use('rate-limit', 'rate-limmit').ws('/unknown', () => {}) // here
}`,
    },
    says: ["no middleware 'rate-limmit'"],
    remedy: 'middleware/rate-limmit.js',
  },
  {
    name: 'a middleware file without a default export',
    code: 'NOT_A_FUNCTION',
    files: {'middleware/empty.js': `export const handle = () => true // here`},
    says: ['middleware/empty.js has no default export'],
    remedy: 'Write export default Candy => ...',
  },
  {
    name: 'a middleware file that exports no function',
    code: 'NOT_A_FUNCTION',
    files: {'middleware/object.js': `export default {handle: () => true} // here`},
    says: ["the middleware 'object' is of type object"],
    remedy: 'Export a function',
  },
  {
    name: 'a handler that is no function',
    code: 'NOT_A_FUNCTION',
    files: {'route/handler.js': `export default Candy => Candy.Route.ws('/handler', {open() {}}) // here`},
    says: ['the handler of /handler is of type object'],
    remedy: 'Candy => { ... }',
  },
  {
    name: 'an unknown option',
    code: 'INVALID_OPTION',
    files: {
      'route/option.js': `export default Candy => Candy.Route.ws('/o', () => {}, {tokne: false}) // here`,
    },
    says: ["unknown option 'tokne'"],
    remedy: 'token, auth, use',
  },
  {
    name: 'an option with a wrong value',
    code: 'INVALID_OPTION',
    files: {
      'route/value.js': `export default Candy => Candy.Route.ws('/v', () => {}, {parallel: 0}) // here`,
    },
    says: ["the option 'parallel' of a route is 0"],
    remedy: 'a positive whole number',
  },
  {
    name: 'module.exports in an ES module',
    code: 'MODULE_FORMAT',
    files: {'route/format.js': `module.exports = Candy => Candy.Route.ws('/format', () => {}) // here`},
    says: ['CommonJS', 'ES module'],
    remedy: '{"type": "commonjs"}',
  },
  {
    name: 'a file that throws',
    code: 'LOAD_FAILED',
    files: {'route/throws.js': `\nthrow new Error('no database') // here`},
    says: ['did not load: no database'],
    remedy: 'This runs while the app starts',
  },
]
