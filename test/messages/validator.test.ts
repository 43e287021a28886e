import {Exclude, Expose, Transform, Type} from 'class-transformer'
import * as v from 'class-validator'
import {describe, expect, it} from 'vitest'
import {declaredFields} from '#candy/messages/declared-fields.js'
import {Refusal} from '#candy/messages/refusal.js'
import {inline, inlineNames, isLibrarys} from '#candy/messages/validator-inline.js'
import {planOf} from '#candy/messages/validator-plan.js'
import {bodyCheck} from '#candy/messages/validator.js'
import type {Class, Whitelist} from '#candy/messages/rules.js'
import {declare} from '../support/agreement/declare.js'
import {everyDecorator} from '../support/agreement/every-decorator.js'

/** A rule that asks somebody. */
const isFree: PropertyDecorator = (target, name) =>
  v.registerDecorator({
    name: 'isFree',
    async: true,
    target: target.constructor,
    propertyName: name as string,
    validator: {validate: async value => value !== 'taken'},
  })

@v.ValidatorConstraint({name: 'isFree'})
class IsFree implements v.ValidatorConstraintInterface {
  async validate(value: unknown): Promise<boolean> {
    return value !== 'taken'
  }
}

const judge = (cls: Class, message: unknown, whitelist: Whitelist = 'refuse') =>
  bodyCheck(cls, {whitelist}).judge(message, false)

const faults = (outcome: unknown) =>
  outcome instanceof Refusal ? outcome.details.map(({path, rule}) => `${path} ${rule}`) : outcome

class Line {
  @v.IsString()
  sku!: string

  @v.IsInt()
  @v.Min(1)
  quantity = 1
}

class Order {
  @v.IsString()
  @v.Length(1, 20)
  name!: string

  @v.IsOptional()
  @v.IsObject()
  extra?: object

  @v.ValidateNested({each: true})
  @Type(() => Line)
  lines: Line[] = []

  total(): number {
    return this.lines.reduce((sum, {quantity}) => sum + quantity, 0)
  }
}

describe('5. a body', () => {
  it('is an instance of its class, and so are those within it', () => {
    const order = judge(Order, {type: 'order', ref: 1, name: 'a', lines: [{sku: 'x', quantity: 2}]}) as Order
    expect(order).toBeInstanceOf(Order)
    expect(order.lines[0]).toBeInstanceOf(Line)
    expect(order.total()).toBe(2)
    expect(Object.keys(order).toSorted()).toEqual(['extra', 'lines', 'name'])
  })

  it('has its defaults where a field is absent, and they are judged too', () => {
    class Page {
      @v.IsInt()
      size = 20
      @v.IsString()
      order: unknown = 5
    }
    expect(faults(judge(Page, {}))).toEqual(['order isString'])
    expect(judge(Page, {order: 'name'})).toEqual(Object.assign(new Page(), {order: 'name'}))
  })

  it('may have a default of another class than @Type says, which is then judged as it is', () => {
    class Special extends Line {
      @v.IsInt()
      extra!: number
    }
    class Cart {
      @v.ValidateNested()
      @Type(() => Line)
      line: Line = Object.assign(new Special(), {sku: 'x'})
    }
    expect(faults(judge(Cart, {}))).toEqual(['line.extra isInt'])
    expect(judge(Cart, {line: {sku: 'y'}})).toBeInstanceOf(Cart)
  })

  it('tells a path through arrays, maps and sets', () => {
    class Stock {
      @v.ValidateNested({each: true})
      @Type(() => Line)
      byName!: Map<string, Line>
      @v.ValidateNested({each: true})
      @Type(() => Line)
      set!: Set<Line>
      @v.IsString({each: true})
      tags!: string[]
    }
    const message = {byName: {a: {sku: 1}}, set: [{sku: 'x', quantity: 0}], tags: ['a', 1]}
    expect(faults(judge(Stock, message))).toEqual(
      expect.arrayContaining(['byName.a.sku isString', 'set.0.quantity min', 'tags isString']),
    )
    const stock = judge(Stock, {byName: {a: {sku: 'x'}}, set: [{sku: 'x'}], tags: []}) as Stock
    expect([stock.byName.get('a'), [...stock.set][0]]).toEqual([expect.any(Line), expect.any(Line)])
  })

  it.each<[Whitelist, unknown]>([
    [
      'refuse',
      ['admin whitelistValidation', 'total whitelistValidation', 'lines.0.price whitelistValidation'],
    ],
    ['strip', {name: 'a', lines: [{sku: 'x', quantity: 1}]}],
    ['keep', {name: 'a', admin: true, lines: [{sku: 'x', quantity: 1, price: {per: 'kg'}}]}],
  ])('with unknown fields, %s', (whitelist, expected) => {
    const message = {name: 'a', admin: true, total: 5, lines: [{sku: 'x', price: {per: 'kg'}}]}
    const outcome = judge(Order, message, whitelist)
    if (outcome instanceof Refusal) return expect(faults(outcome)).toEqual(expected)
    expect(JSON.parse(JSON.stringify(outcome))).toEqual(expected)
    // A field never takes the place of a method.
    expect((outcome as Order).total()).toBe(1)
  })

  it.each(['refuse', 'strip', 'keep'] as const)(
    'never takes a key that reaches a prototype, at any depth: %s',
    whitelist => {
      const paths = {
        '{"name":"a","__proto__":{"admin":true}}': '',
        '{"name":"a","constructor":1}': '',
        '{"name":"a","extra":{"deep":[{"prototype":1}]}}': 'extra.deep.0',
        '{"name":"a","lines":[{"sku":"x","__proto__":{}}]}': 'lines.0',
        '{"name":"a","more":{"__proto__":{}}}': 'more',
      }
      for (const [text, path] of Object.entries(paths))
        expect(faults(judge(Order, JSON.parse(text), whitelist))).toEqual([`${path} shape`])
      expect(({} as {admin?: unknown}).admin).toBeUndefined()
    },
  )

  it('may have a field named as a method of every object, and refuses it as any unknown one', () => {
    expect(faults(judge(Order, {name: 'a', toString: 1, hasOwnProperty: 1}))).toEqual([
      'toString whitelistValidation',
      'hasOwnProperty whitelistValidation',
    ])
  })

  it('is converted as @Type says; what cannot be is left to its rules', () => {
    class Event {
      @v.IsDate()
      @Type(() => Date)
      at!: Date
      @v.IsString()
      @Type(() => String)
      name!: string
    }
    expect(judge(Event, {at: '2020-01-01', name: 5})).toEqual(
      Object.assign(new Event(), {at: new Date('2020-01-01'), name: '5'}),
    )
    expect(faults(judge(Event, {at: 'soon', name: {toString: 1}}))).toEqual(['at isDate', 'name isString'])
  })

  it('is refused by a rule that says no, and yes when it is asked why', () => {
    let asked = 0
    const cls = declare([
      {
        name: 'a',
        decorators: [v.ValidateBy({name: 'turns', validator: {validate: () => asked++ % 2 === 1}})],
      },
    ])
    expect(judge(cls, {a: 1})).toBeInstanceOf(Refusal)
  })

  it('is refused in the default words where those of the author are none', () => {
    for (const message of [{code: 1}, 7, () => undefined, () => ({a: 1})]) {
      const options = {message} as unknown as v.ValidationOptions
      const Inner = declare([{name: 'a', decorators: [v.IsString(options)]}])
      const cls = declare([
        {name: 'in', type: Inner, decorators: [v.ValidateNested(options), Type(() => Inner)]},
      ])
      expect(judge(cls, {in: {a: 1}})).toMatchObject({details: [{message: 'a must be a string'}]})
      expect(judge(cls, {in: 1})).toMatchObject({details: [{message: 'in is not valid'}]})
    }
  })

  it("keeps what the class has fields for, and never takes it for a method, with whitelist: 'keep'", () => {
    class Note {
      @v.IsString()
      text!: string
      note!: string
      extra = 'default'
      run = () => 1
      #seen = ''
      set seen(value: string) {
        this.#seen = value
      }
      get all() {
        return this.#seen
      }
      count() {
        return 1
      }
    }
    const message = {text: 'a', note: 'x', extra: 'y', run: 1, count: 2, all: 'b', seen: 'c', more: 3}
    for (const note of [
      judge(Note, message, 'keep'),
      judge(Note, {...message, text: 'b'}, 'keep'),
    ] as Note[]) {
      expect(note).toMatchObject({note: 'x', extra: 'y', all: 'c', more: 3})
      expect([note.run(), note.count()]).toEqual([1, 1])
    }
  })

  it('is not built beyond what is found unsound in it', () => {
    class Price {
      @v.IsString()
      text!: string
      @Type(() => Number)
      amount!: number
    }
    const deep = JSON.parse('['.repeat(5_000) + ']'.repeat(5_000)) as unknown
    expect(faults(judge(Price, {text: 'a', amount: deep}, 'keep'))).toEqual([' shape'])
  })

  it('may hold free values that hide what every object has', () => {
    const cls = declare([{name: 'a', decorators: [v.IsNotEmptyObject()]}])
    const message = {a: {hasOwnProperty: 1, toString: 2, b: 3}}
    expect(judge(cls, message)).toEqual(Object.assign(new cls(), message))
  })

  it('has no fields of symbols, whatever rules they have', () => {
    class Marked {
      @v.IsString()
      text!: string
    }
    v.IsInt()(Marked.prototype, Symbol('secret'))
    expect(judge(Marked, {text: 'a'})).toBeInstanceOf(Marked)
    expect(faults(judge(Marked, {text: 1}))).toEqual(['text isString'])
  })

  it('leaves fields of the envelope out that it declares for other groups alone', () => {
    const cls = declare([
      {name: 'type', decorators: [v.IsString({groups: ['stored']})]},
      {name: 'a', decorators: [v.IsInt({always: true})]},
    ])
    const check = bodyCheck(cls, {whitelist: 'refuse', groups: ['sent']})
    expect(check.judge({type: 'say', a: 1}, false)).toEqual(Object.assign(new cls(), {a: 1}))
    expect(faults(check.judge({type: 'say', a: 'x', b: 1}, false))).toEqual([
      'b whitelistValidation',
      'a isInt',
    ])
  })

  it('may have field names that are no JavaScript names', () => {
    const name = '"]; throw new Error("injected") //`${1}`\u2028'
    const cls = declare([{name, decorators: [v.IsString()]}])
    expect(judge(cls, {[name]: 'a'})).toEqual(Object.assign(new cls(), {[name]: 'a'}))
    expect(faults(judge(cls, {[name]: 1}))).toEqual([`${name} isString`])
  })

  it('tells five faults at most', () => {
    const lines = Array.from({length: 100}, () => ({sku: 1, quantity: 0}))
    expect(faults(judge(Order, {name: 'a', lines}))).toHaveLength(5)
  })
})

describe('5. messages of faults', () => {
  const password = 'hunter2 is my secret'

  class Login {
    @v.MinLength(30, {message: 'so short: $value, $property, $constraint1'})
    @v.Matches(/^\d+$/, {message: ({value, object}) => `no digits: ${value} ${JSON.stringify(object)}`})
    @v.Length(40, 50)
    @v.ValidateBy({
      name: 'pin',
      validator: {
        validate: () => false,
        defaultMessage: args => `${JSON.stringify(args?.object)} $value ${args?.value}`,
      },
    })
    @v.Contains('x', {message: ({value}) => /h/.exec(value as string)![0]})
    password!: string
  }

  it("are class-validator's own, with whatever would show the value left out", () => {
    const outcome = judge(Login, {password}) as Refusal
    expect(JSON.stringify(outcome.details)).not.toContain('hunter2')
    expect(Object.fromEntries(outcome.details.map(({rule, message}) => [rule, message]))).toEqual({
      minLength: 'so short: the value, password, 30',
      matches: `no digits: ${'*'.repeat(password.length)} {}`,
      isLength: 'password must be longer than or equal to 40 characters',
      pin: `{} the value ${'*'.repeat(password.length)}`,
      // A function that does not stand a hidden value is not asked: the rule's own words are.
      contains: 'password must contain a x string',
    })
  })

  it('are so too where class-validator itself judges', async () => {
    class Slow extends Login {
      @isFree
      again!: string
    }
    const outcome = (await judge(Slow, {password, again: password})) as Refusal
    expect(outcome.details).toHaveLength(5)
    expect(JSON.stringify(outcome.details)).not.toContain('hunter2')
  })
})

describe('5. what is left to class-validator itself', () => {
  const why = (cls: Class) => bodyCheck(cls, {whitelist: 'refuse'}).notCompiled

  it('is known before the first message, with the reason', () => {
    class Async {
      @isFree
      name!: string
    }
    class Quietly {
      @v.Validate(IsFree)
      name!: string
    }
    class Trimmed {
      @v.IsString()
      @Transform(({value}) => (typeof value === 'string' ? value.trim() : value) as unknown)
      text!: string
    }
    class Renamed {
      @v.IsString()
      @Expose({name: 'from'})
      sender!: string
    }
    class Hidden {
      @v.IsString()
      @Exclude()
      sender!: string
    }
    class Shape {
      @v.IsInt()
      size!: number
    }
    class Drawing {
      @v.ValidateNested()
      @Type(() => Shape, {discriminator: {property: 'kind', subTypes: [{name: 'shape', value: Shape}]}})
      shape!: Shape
    }
    class Accessor {
      @v.IsString()
      set text(_: string) {}
    }
    class Promised {
      @v.ValidatePromise()
      @v.IsString()
      text!: string
    }
    class Parent {
      @v.ValidateNested()
      @Type(() => Trimmed)
      inner!: Trimmed
    }
    expect(
      [Async, Quietly, Trimmed, Renamed, Hidden, Drawing, Accessor, Promised, Parent, Order].map(why),
    ).toEqual([
      'the rule isFree of Async.name is asynchronous',
      'the rule isFree of Quietly.name is asynchronous',
      'Trimmed has @Transform, @Expose or @Exclude',
      'Renamed has @Transform, @Expose or @Exclude',
      'Hidden has @Transform, @Expose or @Exclude',
      'the @Type of Drawing.shape needs class-transformer',
      'Accessor.text is an accessor or a method',
      'Promised.text has @ValidatePromise',
      'Trimmed has @Transform, @Expose or @Exclude',
      undefined,
    ])
  })

  it('is a class whose instances hold something else than what is written to them', () => {
    class Guarded {
      @v.IsString()
      text!: string
      constructor() {
        return new Proxy(this, {set: () => true})
      }
    }
    class Fixed {
      @v.IsString()
      text!: string
      constructor() {
        Object.defineProperty(this, 'text', {get: () => 1, set() {}})
      }
    }
    class Other {
      @v.IsString()
      text!: string
      constructor() {
        return new Line() as unknown as Other
      }
    }
    class Caller {
      @v.Allow()
      call: unknown = () => 1
    }
    class Failing {
      @v.IsString()
      text!: string
      constructor(options: {text: string}) {
        this.text = options.text
      }
    }
    expect([Guarded, Fixed, Other, Caller, Failing].map(why)).toEqual([
      'the constructor of Guarded makes something else',
      'Fixed.text is an accessor or a method',
      'the constructor of Other makes something else',
      'Caller.call is an accessor or a method',
      'the constructor of Failing throws',
    ])
  })

  it("is a class with a nested one that nobody judges, with whitelist: 'keep'", async () => {
    class Loose {
      @v.IsString()
      text!: string
      @v.ValidateNested({groups: ['other']})
      @Type(() => Line)
      line!: Line
    }
    const check = bodyCheck(Loose, {whitelist: 'keep', groups: ['some']})
    expect(check.notCompiled).toBeTypeOf('string')
  })

  it('is a type that is decided message by message, however its function takes the message', async () => {
    class Round {
      @v.IsInt()
      radius!: number
    }
    class Named {
      @v.IsString()
      name!: string
    }
    type Of = {object: {kind: string}} | undefined
    const choose = (of: Of) => (of?.object.kind === 'named' ? Named : Round)
    const deciding = [
      (of: Of) => choose(of),
      (of: Of = {object: {kind: ''}}) => choose(of),
      (...all: Of[]) => choose(all[0]),
      ({object}: NonNullable<Of> = {object: {kind: ''}}) => choose({object}),
      function () {
        // oxlint-disable-next-line prefer-rest-params -- it is what is tested
        return choose(arguments[0] as Of)
      },
    ]
    for (const decide of deciding) {
      const cls = declare([
        {name: 'kind', decorators: [v.IsString()]},
        {name: 'item', decorators: [v.ValidateNested(), Type(decide as () => typeof Round)]},
      ])
      expect(why(cls)).toBeTypeOf('string')
      expect(faults(await judge(cls, {kind: 'named', item: {radius: 1}}))).toEqual([
        'item.radius whitelistValidation',
        'item.name isString',
      ])
    }
    for (const fixed of [
      () => Round,
      function () {
        return Round
      },
      function type() {
        return Round
      },
    ])
      expect(why(declare([{name: 'item', decorators: [v.ValidateNested(), Type(fixed)]}]))).toBeUndefined()
  })

  it('works all the same: transformed, renamed, awaited', async () => {
    class Say {
      @v.IsString()
      @v.Length(1, 5)
      @Transform(({value}) => (typeof value === 'string' ? value.trim() : value) as unknown)
      text!: string
      @v.IsString()
      @Expose({name: 'from'})
      sender!: string
      @isFree
      nick!: string
    }
    const sound = {type: 'say', ref: 1, text: '  hi  ', from: 'ada', nick: 'a'}
    expect(await judge(Say, sound)).toEqual(Object.assign(new Say(), {text: 'hi', sender: 'ada', nick: 'a'}))
    expect(faults(await judge(Say, {...sound, text: '      ', nick: 'taken'}))).toEqual([
      'text isLength',
      'nick isFree',
    ])
    expect(faults(await judge(Say, {...sound, more: 1}))).toEqual(['more whitelistValidation'])
    expect(faults(judge(Say, JSON.parse('{"__proto__":1}')))).toEqual([' shape'])
  })

  it('leaves the message itself as it came, for those who hear it as parsed', async () => {
    class Base {
      @v.IsString()
      a!: string
    }
    class One extends Base {}
    class Listed {
      @v.ValidateNested({message: 'an item that is none'})
      @Type(() => Base, {discriminator: {property: 'k', subTypes: [{name: 'one', value: One}]}})
      items!: Base[]
    }
    const message = {items: [{k: 'one', a: 'x'}]}
    expect(await judge(Listed, message)).toBeInstanceOf(Listed)
    expect(message).toEqual({items: [{k: 'one', a: 'x'}]})
    expect(await judge(Listed, {items: [{k: 'one', a: 'x'}, 5]})).toMatchObject({
      details: [{path: 'items.1', message: 'an item that is none'}],
    })
  })

  it('is refused where it would have to be judged at once, and does not say that it is asynchronous', async () => {
    const late = v.ValidateBy({
      name: 'late',
      validator: {validate: () => Promise.reject(new Error('nobody waits for it'))},
    })
    const cls = declare([{name: 'a', decorators: [late]}])
    for (let time = 0; time < 2; time += 1)
      expect(() => bodyCheck(cls, {whitelist: 'refuse'}).judgeNow({a: 1})).toThrow(
        'the rule late of Message.a is asynchronous, and this is judged at once',
      )
  })

  it('is so from the moment on in which a rule turns out to be asynchronous', async () => {
    class Late {
      @v.ValidateBy({
        name: 'isFree',
        validator: {validate: value => Promise.resolve(value === 'free')},
      })
      name!: string
    }
    const check = bodyCheck(Late, {whitelist: 'refuse'})
    expect(check.notCompiled).toBeUndefined()
    expect(faults(await check.judge({name: 'taken'}, false))).toEqual(['name isFree'])
    expect(check.notCompiled).toBe('the rule isFree of Late.name is asynchronous')
    expect(await check.judge({name: 'free'}, false)).toBeInstanceOf(Late)
  })
})

describe('5. compiled code', () => {
  it('checks by itself what it knows of class-validator, in the words of the one that is installed', () => {
    const names = new Set<string>()
    for (const {decorators} of Object.values(everyDecorator))
      for (const make of decorators)
        for (const each of [false, true]) {
          const cls = declare([{name: 'value', decorators: [make({each})]}])
          const rules = planOf(cls, {whitelist: 'refuse'}, new Map()).names.get('value')!.rules
          for (const rule of rules) if (isLibrarys(rule) && inline(rule, 'v', () => 'b')) names.add(rule.key)
        }
    expect([...names].toSorted()).toEqual([...inlineNames].toSorted())
  })

  it("asks a rule that only has the name of one of class-validator's", () => {
    class Odd {
      @v.ValidateBy({
        name: 'isString',
        validator: {validate: value => value === 1, defaultMessage: () => 'only 1'},
      })
      value!: unknown
    }
    expect(judge(Odd, {value: 1})).toBeInstanceOf(Odd)
    expect((judge(Odd, {value: 'a'}) as Refusal).details).toEqual([
      {path: 'value', rule: 'isString', message: 'only 1'},
    ])
  })

  it("lets what a rule of the author's throws through", () => {
    class Broken {
      @v.ValidateBy({
        name: 'broken',
        validator: {
          validate: () => {
            throw new RangeError('mine')
          },
        },
      })
      value!: unknown
    }
    expect(() => judge(Broken, {value: 1})).toThrow(new RangeError('mine'))
  })

  it("shows a rule of the author's the whole object, and only one of sound shape", () => {
    const seen: unknown[] = []
    class Range {
      @v.ValidateBy({
        name: 'below',
        validator: {
          validate: (value, args) => {
            seen.push(args!.object)
            return (value as number) < (args!.object as Range).to
          },
        },
      })
      from!: number
      @v.IsInt()
      to!: number
      @v.Allow()
      rest!: unknown
    }
    expect(judge(Range, {from: 1, to: 2})).toBeInstanceOf(Range)
    expect(faults(judge(Range, {from: 3, to: 2}))).toEqual(['from below'])
    const before = seen.length
    expect(faults(judge(Range, JSON.parse('{"from":1,"to":2,"rest":{"__proto__":1}}')))).toEqual([
      'rest shape',
    ])
    expect(seen).toHaveLength(before)
  })
})

describe('a constructor that only declares fields', () => {
  // oxlint-disable-next-line typescript/no-implied-eval -- as a compiler would write it
  const declares = Function(
    '_defineProperty',
    `return class A {
	constructor() {
		_defineProperty(this, "b", void 0);
		_defineProperty(this, "c", void 0);
	}
}`,
  )
  const define = (on: object, key: string, value: unknown) =>
    Object.defineProperty(on, key, {value, enumerable: true, configurable: true, writable: true})

  it('is known by its text', () => {
    expect(declaredFields(declares(define) as Class)).toEqual(['b', 'c'])
  })

  it.each([
    'class A {}',
    'class A { constructor() {\n _defineProperty(this, "b", void 0);\n count();\n } }',
    'class A { constructor() {\n _defineProperty(this, "b", 5);\n } }',
    'class A { #hidden = 1\n constructor() {\n _defineProperty(this, "b", void 0);\n } }',
    'class A extends Map { constructor() {\n super(...arguments);\n _defineProperty(this, "b", void 0);\n } }',
    'class A extends (function () { count() }) { constructor() {\n super(...arguments);\n _defineProperty(this, "b", void 0);\n } }',
    'class A extends (class { c = 1 }) { constructor() {\n super(...arguments);\n _defineProperty(this, "b", void 0);\n } }',
  ])('and no other: %s', text => {
    // oxlint-disable-next-line typescript/no-implied-eval -- as a compiler would write it
    const cls = Function('_defineProperty', 'count', `return ${text}`)(define, () => undefined) as Class
    expect(declaredFields(cls)).toBeUndefined()
  })
})
