import type {BodyOptions} from '../messages/body.js'
import {methodNotesOf, refuseBare, type ArgumentSource} from './notes.js'

const sources = new WeakMap<object, ArgumentSource>()

/** The message: an instance of the parameter's DTO class, or the message as parsed. */
export function Body(options: Pick<BodyOptions, 'validate'> = {}): ParameterDecorator {
  refuseBare('Body', options)
  return parameter({from: 'body', options})
}

/** A path parameter. `@Param('n') n: number` converts, or the handshake is refused with HTTP 400. */
export function Param(name: string): ParameterDecorator {
  return parameter({from: 'param', name})
}

/** A query parameter, `undefined` if absent. A `number` or `boolean` type converts, or HTTP 400. */
export function Query(name: string): ParameterDecorator {
  return parameter({from: 'query', name})
}

/** The user, or `null`; the app's `auth` is asked if it was not yet. */
export function User(): ParameterDecorator {
  return parameter({from: 'user'})
}

/** The decorator doubles as an entry of `args: [...]`, for compilers that emit no types. */
function parameter(source: ArgumentSource): ParameterDecorator {
  const decorator: ParameterDecorator = (prototype, name, index) => {
    if (name === undefined)
      throw new TypeError(
        '@Body, @Param, @Query and @User stand on parameters of handlers, not of constructors',
      )
    methodNotesOf(prototype, name).parameters.set(index, source)
  }
  sources.set(decorator, source)
  return decorator
}

export function sourceOfDecorator(decorator: object): ArgumentSource | undefined {
  return sources.get(decorator)
}
