import 'reflect-metadata'
import {createRequire} from 'node:module'
import {getMetadataStorage, useContainer} from 'class-validator'

// Its own container looks through every constraint that there ever was, each time one is asked.
const constraints = new WeakMap<object, object>()
useContainer({
  get(cls: object) {
    let constraint = constraints.get(cls)
    if (!constraint) constraints.set(cls, (constraint = new (cls as MessageClass)()))
    return constraint as never
  },
})

export type MessageClass = new () => object

const {defaultMetadataStorage: storage} = createRequire(import.meta.url)(
  'class-transformer/cjs/storage.js',
) as {
  defaultMetadataStorage: Record<string, Map<unknown, unknown>>
}

/** A property as a compiler would emit it. */
export interface Declaration {
  readonly name: string
  /** What `emitDecoratorMetadata` says. Default `Object`. */
  readonly type?: unknown
  readonly decorators: readonly PropertyDecorator[]
}

/** Declares a class as decorators would, for classes that are made while tests run. */
export function declare(properties: readonly Declaration[], parent: MessageClass = Object): MessageClass {
  const cls = parent === Object ? class Message {} : class Child extends parent {}
  for (const {name, type = Object, decorators} of properties) {
    Reflect.defineMetadata('design:type', type, cls.prototype, name)
    // As TypeScript does: the one next to the property first.
    for (const decorate of decorators.toReversed()) decorate(cls.prototype, name)
  }
  return cls
}

/** Both libraries remember every class for ever, and class-validator looks at all of them for every message. */
export function forget(classes: readonly MessageClass[]): void {
  const {validationMetadatas, constraintMetadatas} = getMetadataStorage() as unknown as Record<
    string,
    Map<unknown, {constraintCls?: unknown}[]>
  >
  for (const cls of classes) {
    for (const {constraintCls} of validationMetadatas!.get(cls) ?? [])
      constraintMetadatas!.delete(constraintCls)
    validationMetadatas!.delete(cls)
    storage._typeMetadatas!.delete(cls)
    storage._ancestorsMap!.delete(cls)
  }
}
