import {callerSource} from '../routing/source.js'
import {
  methodNotesOf,
  refuseBare,
  type BytesOptions,
  type HandlerKind,
  type HandlerOptions,
  type MessageOptions,
} from './notes.js'

/** Runs once per connection, before its first message. What it throws closes with 1011. */
export function OnOpen(options: HandlerOptions = {}): MethodDecorator {
  return handler('open', undefined, options)
}

/** Takes the messages of one `type`; what it returns answers their `ref`. */
export function OnMessage(type: string, options?: MessageOptions): MethodDecorator
/** Takes the text messages, typed or not, that no typed handler took. */
export function OnMessage(options?: MessageOptions): MethodDecorator
export function OnMessage(first?: string | MessageOptions, second?: MessageOptions): MethodDecorator {
  if (typeof first === 'string') return handler('message', first, second ?? {})
  return handler('message', undefined, first ?? {})
}

/** Takes binary frames. */
export function OnBinary(options: BytesOptions = {}): MethodDecorator {
  return handler('binary', undefined, options)
}

/** Runs once, after the last message; rooms are left afterwards. */
export function OnClose(options: HandlerOptions = {}): MethodDecorator {
  return handler('close', undefined, options)
}

/** Takes what the other handlers throw, and errors of the socket. */
export function OnError(options: HandlerOptions = {}): MethodDecorator {
  return handler('error', undefined, options)
}

function handler(kind: HandlerKind, type: string | undefined, options: MessageOptions): MethodDecorator {
  refuseBare(`On${kind[0]!.toUpperCase()}${kind.slice(1)}`, options)
  const source = callerSource()
  return (prototype, name) => {
    if (name === undefined || typeof prototype !== 'object')
      throw new TypeError(
        'Handler decorators stand on methods; set experimentalDecorators in tsconfig.json if they do',
      )
    methodNotesOf(prototype, name).handlers.push({kind, type, options, source})
  }
}
