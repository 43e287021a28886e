import {Type} from 'class-transformer'
import * as v from 'class-validator'
import fc from 'fast-check'
import {declare, type Declaration, type MessageClass} from './declare.js'
import {everyDecorator} from './every-decorator.js'

/** A generated class, and inputs that come near to what it takes. */
export interface Generated {
  /** Declares it anew, with all classes that it needs; the last is the class itself. */
  readonly make: () => readonly MessageClass[]
  readonly input: fc.Arbitrary<object>
  /** As it would be written. */
  readonly text: string
}

@v.ValidatorConstraint({name: 'isEven'})
class Even implements v.ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value !== 'number' || value % 2 === 0
  }
  defaultMessage(): string {
    return '$property must be even'
  }
}

/** A constraint that looks at the rest of the object. */
function differsFrom(other: string, options?: v.ValidationOptions): PropertyDecorator {
  return v.ValidateBy(
    {
      name: 'differsFrom',
      constraints: [other],
      validator: {
        validate: (value, args) =>
          value !== (args!.object as Record<string, unknown>)[args!.constraints[0] as string],
        defaultMessage: () => '$property must differ from $constraint1',
      },
    },
    options,
  )
}

type Make = (options?: v.ValidationOptions) => PropertyDecorator

const custom: Readonly<Record<string, Make>> = {
  Even: options => v.Validate(Even, options),
  differsFrom: options => differsFrom('a', options),
  // Its name is class-validator's; what it does is not.
  otherString: options =>
    v.ValidateBy(
      {name: 'isString', validator: {validate: value => value !== 'ab', defaultMessage: () => 'no'}},
      options,
    ),
}

const kinds = {
  text: [
    'IsString',
    'Length',
    'MinLength',
    'MaxLength',
    'Matches',
    'IsIn',
    'IsNotEmpty',
    'IsEnum',
    'IsEmail',
    'Contains',
    'IsAlpha',
    'NotEquals',
    'IsNotIn',
  ],
  number: [
    'IsInt',
    'IsNumber',
    'Min',
    'Max',
    'IsPositive',
    'IsNegative',
    'IsDivisibleBy',
    'IsIn',
    'Equals',
    'IsNotEmpty',
  ],
  flag: ['IsBoolean', 'IsDefined', 'IsEmpty'],
  list: [
    'IsArray',
    'ArrayMinSize',
    'ArrayMaxSize',
    'ArrayUnique',
    'ArrayNotEmpty',
    'ArrayContains',
    'IsNotEmpty',
  ],
  free: [
    'IsObject',
    'IsNotEmptyObject',
    'IsDefined',
    'IsNotEmpty',
    'IsString',
    'IsInt',
    'IsArray',
    'IsBoolean',
  ],
} as const

type Kind = keyof typeof kinds

const text = fc.oneof(
  fc.constantFrom('', 'a', 'ab', 'abc', 'red', 'a@example.com', '😀😀', 'a️', 'x'.repeat(40)),
  fc.string({maxLength: 6}),
)
const number = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 9, 10, 11, -1, 1.5, 1e300),
  fc.integer({min: -20, max: 20}),
)
/** Any JSON; keys are such that class-transformer does not leave them out. */
const key = fc.constantFrom('a', 'b', 'c', 'id', 'x y', '0', 'then')
/** No names of properties: of a list in a map, class-transformer makes what the property of that name would be. */
const freeKey = fc.constantFrom('k', 'l', 'm n', '1')
const {json} = fc.letrec<{json: unknown}>(tie => ({
  json: fc.oneof(
    {maxDepth: 3, depthSize: 'small'},
    fc.constantFrom<unknown>(null, true, false, 0, 1, '', 'a'),
    text,
    number,
    fc.array(tie('json'), {maxLength: 3}),
    fc.dictionary(freeKey, tie('json'), {maxKeys: 3}),
  ),
}))
export const anyJson = json

const values: Readonly<Record<Kind, fc.Arbitrary<unknown>>> = {
  text,
  number,
  flag: fc.boolean(),
  list: fc.array(fc.oneof(text, number), {maxLength: 4}),
  free: json,
}

const groupsOf = fc.oneof(
  {weight: 4, arbitrary: fc.constant(undefined)},
  fc.constantFrom(['create'], ['update'], ['create', 'update']),
)

const options: fc.Arbitrary<v.ValidationOptions> = fc
  .record({
    each: fc.oneof({weight: 4, arbitrary: fc.constant(false)}, fc.constant(true)),
    groups: groupsOf,
    always: fc.oneof({weight: 4, arbitrary: fc.constant(undefined)}, fc.boolean()),
    validateIf: fc.oneof(
      {weight: 9, arbitrary: fc.constant(undefined)},
      fc.constant((object: object, value: unknown) => value !== 'a' && Object.keys(object).length > 1),
    ),
  })
  .map(given => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)))

/** A decorator, and how it is written. */
interface Written {
  readonly decorate: PropertyDecorator
  readonly text: string
}

const written = (text: string, decorate: PropertyDecorator): Written => ({text: `@${text}`, decorate})

/** One decorator of a kind, with options. */
function decorator(kind: Kind): fc.Arbitrary<Written> {
  const library = fc
    .constantFrom<string>(...kinds[kind])
    .chain(name =>
      fc.constantFrom(
        ...everyDecorator[name]!.decorators.map((make, index) => ({name: `${name}#${index}`, make})),
      ),
    )
  const own = fc.constantFrom(...Object.entries(custom).map(([name, make]) => ({name, make})))
  return fc
    .tuple(fc.oneof({weight: 8, arbitrary: library}, own), options)
    .map(([{name, make}, given]) =>
      written(`${name}(${Object.keys(given).length > 0 ? fc.stringify(given) : ''})`, make(given)),
    )
}

const presence: fc.Arbitrary<readonly Written[]> = fc.oneof(
  {weight: 3, arbitrary: fc.constant([])},
  {weight: 2, arbitrary: fc.constant([written('IsOptional()', v.IsOptional())])},
  fc.constant([
    written(
      'ValidateIf(a !== null)',
      v.ValidateIf((object: {a?: unknown}) => object.a !== null),
    ),
  ]),
  fc.constant([
    written(
      'ValidateIf(value !== 0 && "a" in object)',
      v.ValidateIf((object: object, value: unknown) => value !== 0 && 'a' in object),
    ),
    written('IsOptional()', v.IsOptional()),
  ]),
  fc.constant([written('Allow()', v.Allow())]),
  fc.constant([written('IsOptional(create)', v.IsOptional({groups: ['create']}))]),
)

interface Property {
  readonly isNested?: boolean
  readonly name: string
  readonly make: () => {readonly declaration: Declaration; readonly classes: readonly MessageClass[]}
  readonly value: fc.Arbitrary<unknown>
  readonly text: string
}

function simple(
  name: string,
  all: readonly Written[],
  value: fc.Arbitrary<unknown>,
  type: unknown = Object,
): Property {
  const declaration = {name, type, decorators: all.map(({decorate}) => decorate)}
  return {
    name,
    make: () => ({declaration, classes: []}),
    value,
    text: `${all.map(one => one.text).join(' ')} '${name}'!: ${(type as {name: string}).name}`,
  }
}

function flat(name: string): fc.Arbitrary<Property> {
  return fc
    .constantFrom<Kind>('text', 'number', 'flag', 'list', 'free')
    .chain(kind =>
      fc
        .tuple(presence, fc.array(decorator(kind), {minLength: 1, maxLength: 3}))
        .map(([first, rules]) => simple(name, [...first, ...rules], values[kind])),
    )
}

const conversions = [
  {to: Number, like: fc.oneof(number, text, fc.constantFrom('1', '12', 'x'))},
  {to: String, like: fc.oneof(number, text)},
  {to: Boolean, like: fc.oneof(number, fc.boolean())},
  {to: Date, like: fc.constantFrom<unknown>('2020-01-01', 'x', 0, 1e12)},
] as const

function converted(name: string): fc.Arbitrary<Property> {
  const rules = fc.array(
    fc.oneof(decorator('free'), decorator('number'), fc.constant(written('IsDate()', v.IsDate()))),
    {minLength: 1, maxLength: 2},
  )
  return fc
    .tuple(fc.constantFrom(...conversions), fc.constantFrom(Array, Set, Map, Object), presence, rules)
    .map(([{to, like}, type, first, all]) =>
      simple(
        name,
        [
          ...first,
          written(
            `Type(() => ${to.name})`,
            Type(() => to),
          ),
          ...all,
        ],
        fc.oneof(like, fc.array(like, {maxLength: 3}), fc.dictionary(freeKey, like, {maxKeys: 3})),
        type,
      ),
    )
}

function nested(name: string, depth: number): fc.Arbitrary<Property> {
  return fc
    .tuple(
      generated(depth - 1),
      fc.constantFrom(Array, Set, Map, Object),
      fc.boolean(),
      presence,
      groupsOf,
      fc.array(decorator('list'), {maxLength: 1}),
    )
    .map(([inner, type, each, first, groups, rules]) => ({
      isNested: true,
      name,
      make: () => {
        const classes = inner.make()
        const cls = classes.at(-1)!
        const decorators = [v.ValidateNested({each, ...(groups && {groups: [...groups]})}), Type(() => cls)]
        return {
          declaration: {
            name,
            type: type === Object ? cls : type,
            decorators: [...[...first, ...rules].map(({decorate}) => decorate), ...decorators],
          },
          classes,
        }
      },
      value:
        type === Object
          ? fc.oneof({weight: 4, arbitrary: inner.input}, fc.array(inner.input, {maxLength: 2}))
          : type === Map
            ? fc.oneof(
                {weight: 4, arbitrary: fc.dictionary(freeKey, inner.input, {maxKeys: 3})},
                fc.array(inner.input, {maxLength: 2}),
              )
            : fc.array(
                fc.oneof({weight: 9, arbitrary: inner.input}, json, fc.array(inner.input, {maxLength: 2})),
                {maxLength: 3},
              ),
      text: `${[...first, ...rules].map(one => one.text).join(' ')} @ValidateNested(${fc.stringify({each, groups})}) @Type '${name}'!: ${type.name} of ${inner.text}`,
    }))
}

const names = ['a', 'b', 'c', 'x y', '0', 'then'] as const

function property(name: string, depth: number): fc.Arbitrary<Property> {
  const shallow = fc.oneof({weight: 4, arbitrary: flat(name)}, converted(name))
  return depth > 0 ? fc.oneof({weight: 3, arbitrary: shallow}, nested(name, depth)) : shallow
}

function someProperties(depth: number): fc.Arbitrary<readonly Property[]> {
  return fc
    .uniqueArray(fc.constantFrom(...names), {minLength: 1, maxLength: 4})
    .chain(chosen => fc.tuple(...chosen.map(name => property(name, depth))))
}

/** A class, of a parent class or not, with classes within it. */
export function generated(depth: number): fc.Arbitrary<Generated> {
  const parents = fc.oneof(
    {weight: 2, arbitrary: fc.constant<readonly Property[]>([])},
    someProperties(depth),
  )
  return fc.tuple(parents, someProperties(depth)).map(([inherited, declared]) => {
    // A nested class under a @Type of another is a fault at boot.
    const fixed = new Set(inherited.filter(one => one.isNested).map(({name}) => name))
    const own = declared.filter(({name}) => !fixed.has(name))
    const properties = [...inherited, ...own]
    // An overridden property takes what either class wants of it.
    const fields = Object.fromEntries(
      properties.map(({name, value}) => [name, fc.oneof({weight: 12, arbitrary: value}, json)]),
    )
    const sound = fc.record(fields, {requiredKeys: []})
    const stray = fc.dictionary(key, json, {maxKeys: 2})
    return {
      make: () => {
        const [above, below] = [inherited, own].map(list => list.map(({make}) => make()))
        const parent = inherited.length > 0 ? declare(above!.map(({declaration}) => declaration)) : undefined
        const cls = declare(
          below!.map(({declaration}) => declaration),
          parent,
        )
        return [...[...above!, ...below!].flatMap(({classes}) => classes), ...(parent ? [parent] : []), cls]
      },
      input: fc.oneof(
        {weight: 9, arbitrary: sound},
        fc.tuple(stray, sound).map(([a, b]) => Object.assign({}, a, b)),
      ),
      text: `{ ${own.map(one => one.text).join('; ')}${inherited.length > 0 ? ` } extends { ${inherited.map(one => one.text).join('; ')}` : ''} }`,
    }
  })
}
