import {Schemas} from '#candy/describe/schemas.js'
import {Exclude, Expose, Type} from 'class-transformer'
import {
  Allow,
  ArrayMaxSize,
  ArrayNotEmpty,
  Contains,
  Equals,
  IsAlpha,
  IsArray,
  IsBoolean,
  IsDate,
  IsDefined,
  IsEnum,
  IsIP,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsNumber,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  MinDate,
  NotEquals,
  ValidateIf,
  ValidateNested,
  registerDecorator,
} from 'class-validator'
import {JSONSchema} from 'class-validator-jsonschema'
import {describe, expect, it} from 'vitest'

type Class = abstract new (...args: never[]) => object

const open = {closed: false}
const closed = {closed: true}

/** The schema of a class, and those of the classes in it. */
function schemasOf(cls: Class, rules: {closed: boolean; groups?: readonly string[]} = open) {
  const schemas = new Schemas()
  schemas.add(cls, rules)
  return schemas.all
}

function propertiesOf(cls: Class, rules?: {closed: boolean; groups?: readonly string[]}) {
  return Object.values(schemasOf(cls, rules))[0]!.properties
}

describe('the schema of a class', () => {
  it('says what its rules say, and which fields are needed', () => {
    class Order {
      @IsString()
      @Length(1, 20)
      sku!: string

      @Min(1)
      @Max(99)
      @IsInt()
      count!: number

      @IsOptional()
      @IsBoolean()
      gift?: boolean

      @ValidateIf((order: Order) => order.gift === true)
      @MaxLength(200)
      card!: string
    }
    expect(schemasOf(Order, closed)).toEqual({
      Order: {
        type: 'object',
        properties: {
          sku: {type: 'string', minLength: 1, maxLength: 20},
          count: {type: 'integer', minimum: 1, maximum: 99},
          gift: {anyOf: [{type: 'boolean'}, {type: 'null'}]},
          card: {anyOf: [{type: 'string', maxLength: 200}, {type: 'null'}]},
        },
        required: ['sku', 'count'],
        additionalProperties: false,
      },
    })
  })

  it('says whole numbers, in whichever order they are decorated', () => {
    class Counts {
      @IsInt()
      @Min(1)
      a!: number

      @Min(1)
      @IsInt()
      b!: number
    }
    expect(propertiesOf(Counts)).toEqual({
      a: {type: 'integer', minimum: 1},
      b: {type: 'integer', minimum: 1},
    })
  })

  it('lists the values of an enum, numbers too, and values of several types', () => {
    enum Side {
      left = 'l',
      right = 'r',
    }
    class Choice {
      @IsEnum(Side)
      side!: Side

      @IsIn([1, 'two', null])
      either!: unknown

      @Equals('said')
      type!: 'said'
    }
    expect(propertiesOf(Choice)).toEqual({
      side: {enum: ['l', 'r']},
      either: {enum: [1, 'two', null]},
      type: {enum: ['said']},
    })
  })

  it('has a pattern where a schema can have it, and says the others', () => {
    class Names {
      @Matches(/^[a-z]+$/)
      plain!: string

      @Matches(/^[a-z]+$/i)
      flagged!: string

      @Matches(new RegExp('\\_'))
      loose!: string
    }
    expect(propertiesOf(Names)).toEqual({
      plain: {type: 'string', pattern: '^[a-z]+$'},
      flagged: {type: 'string', description: 'matches /^[a-z]+$/i'},
      loose: {type: 'string', description: 'matches /\\_/'},
    })
  })

  it('puts rules together whatever their order, and says no more than they do', () => {
    class Rules {
      @IsNotEmpty()
      @IsNumber()
      number!: number

      @IsNotEmpty()
      @ArrayNotEmpty()
      @ValidateNested({each: true})
      @Type(() => Inner)
      list!: Inner[]

      @IsNotEmpty()
      text!: string

      @IsNotEmpty({each: true})
      items!: unknown[]

      @IsIn(['c', 'd'])
      @IsEnum({a: 'a', b: 'b', c: 'c'})
      common!: string

      @IsIn(['c'])
      @IsIn(['d'])
      neither!: string

      @NotEquals(7)
      @MaxLength(9)
      @MaxLength(5)
      short!: unknown

      @Matches(/^a/)
      @Matches(/z$/)
      both!: string

      @MinDate(() => new Date())
      @Type(() => Date)
      later!: Date

      @Contains('a.b(')
      seed!: string

      @IsIP()
      ip!: string

      @IsAlpha('de-DE')
      word!: string

      @IsString({each: true})
      map!: Map<string, string>

      @Max(Number.POSITIVE_INFINITY)
      any!: number
    }
    class Inner {
      @IsString()
      id!: string
    }
    expect(propertiesOf(Rules)).toEqual({
      number: {type: 'number'},
      list: {type: 'array', items: {$ref: '#/components/schemas/Inner'}, minItems: 1},
      text: {type: 'string', minLength: 1},
      items: {type: 'array', items: {minLength: 1}},
      common: {enum: ['c']},
      neither: {not: {}},
      short: {type: 'string', maxLength: 5, not: {enum: [7]}},
      both: {type: 'string', pattern: 'z$', allOf: [{pattern: '^a'}]},
      later: {type: 'string', format: 'date-time', description: 'not before a date decided later'},
      seed: {type: 'string', pattern: 'a\\.b\\('},
      ip: {type: 'string', description: 'an IP address'},
      word: {type: 'string', description: 'checked by isAlpha'},
      map: {type: 'object', additionalProperties: {type: 'string'}},
      any: {type: 'number'},
    })
  })

  it('needs no field that is left alone, has a default, or is not looked at', () => {
    class Loose {
      @Allow()
      allowed: unknown

      @IsString()
      fallback = 'x'

      @IsString()
      @Exclude()
      hidden!: string

      @IsDefined()
      needed!: number;

      @Expose({name: 'out', toPlainOnly: true})
      @IsString()
      in!: string
    }
    const {Loose: schema} = schemasOf(Loose)
    expect(Object.keys(schema!.properties!)).toEqual(['allowed', 'fallback', 'needed', 'in'])
    expect(schema!.required).toEqual(['needed', 'in'])
  })

  it('has what its author says besides', () => {
    @JSONSchema({description: 'One order'})
    class Order {
      @IsString()
      @JSONSchema({description: 'As it stands on the shelf', examples: ['A-7']})
      sku!: string
    }
    expect(schemasOf(Order)).toEqual({
      Order: {
        description: 'One order',
        type: 'object',
        properties: {sku: {type: 'string', description: 'As it stands on the shelf', examples: ['A-7']}},
        required: ['sku'],
      },
    })
  })

  it('has a name that TypeScript can say, and fields, though the class has none', () => {
    const schemas = new Schemas()
    const anonymous = (() => class {})()
    IsString()(anonymous.prototype, 'text')
    class Contract {
      @IsString()
      text!: string
    }
    class Contract_ {
      @IsString()
      text!: string
    }
    expect(schemas.add(anonymous, open)).toBe('Message')
    expect(schemas.all['Message']).toMatchObject({properties: {text: {type: 'string'}}})
    expect(schemas.add(Contract, open)).toBe('Contract_')
    expect(schemas.add(Contract_, open)).toBe('Contract_2')
    const {delete: reserved} = {delete: class {}}
    expect(schemas.add(reserved, open)).toBe('delete_')
  })

  it('takes the type of the property where no rule says one, and names a rule of the author', () => {
    const IsPrime = () => (prototype: object, propertyName: string) =>
      registerDecorator({
        name: 'isPrime',
        target: prototype.constructor,
        propertyName,
        validator: {validate: value => value === 7},
      })
    class Loose {
      @Allow()
      text!: string

      @Allow()
      any: unknown

      @IsPrime()
      number!: number
    }
    expect(propertiesOf(Loose)).toEqual({
      text: {type: 'string'},
      any: {},
      number: {type: 'number', description: 'checked by isPrime'},
    })
  })

  it('has lists, dates, and names that are exposed', () => {
    class Lists {
      @IsArray()
      @ArrayMaxSize(3)
      @IsString({each: true})
      tags!: string[]

      @Type(() => Date)
      @IsDate()
      at!: Date

      @Expose({name: 'user_id'})
      @IsNumber()
      userId!: number
    }
    expect(schemasOf(Lists)).toMatchObject({
      Lists: {
        properties: {
          tags: {type: 'array', maxItems: 3, items: {type: 'string'}},
          at: {type: 'string', format: 'date-time'},
          user_id: {type: 'number'},
        },
        required: ['tags', 'at', 'user_id'],
      },
    })
  })

  it('has what a class inherits', () => {
    class Base {
      @IsString()
      id!: string
    }
    class Derived extends Base {
      @IsInt()
      n!: number
    }
    class Empty extends Base {}
    expect(schemasOf(Derived)).toMatchObject({
      Derived: {properties: {n: {type: 'integer'}, id: {type: 'string'}}},
    })
    expect(schemasOf(Empty)).toMatchObject({Empty: {required: ['id']}})
  })

  it('has the rules of the groups that are asked for', () => {
    class Grouped {
      @IsString({groups: ['create']})
      name!: string

      @IsInt({always: true})
      id!: number
    }
    expect(propertiesOf(Grouped, {closed: true, groups: ['edit']})).toEqual({id: {type: 'integer'}})
  })
})

describe('classes in classes', () => {
  class Line {
    @IsString()
    sku!: string

    @IsOptional()
    @ValidateNested()
    @Type(() => Line)
    bundle?: Line
  }
  class Cat {
    @IsNumber()
    lives!: number
  }
  class Dog {
    @IsString()
    kind!: string
  }
  class Order {
    @ValidateNested({each: true})
    @Type(() => Line)
    lines!: Line[]

    @ValidateNested()
    @Type(() => Line)
    more!: Line[]

    @ValidateNested()
    @Type(() => Line)
    set!: Set<Line>

    @ValidateNested({each: true})
    @Type(() => Line)
    map!: Map<string, Line>

    @ValidateNested()
    @Type(() => Object, {
      discriminator: {
        property: 'kind',
        subTypes: [
          {name: 'cat', value: Cat},
          {name: 'dog', value: Dog},
        ],
      },
    })
    pet!: Cat | Dog
  }

  it('are referred to, in lists, sets and maps, and may refer to themselves', () => {
    const ref = {$ref: '#/components/schemas/Line'}
    const {Order: order, ...others} = schemasOf(Order, closed)
    expect(order!.properties).toEqual({
      lines: {type: 'array', items: ref},
      more: {type: 'array', items: ref},
      set: {type: 'array', items: ref},
      map: {type: 'object', additionalProperties: ref},
      pet: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]},
    })
    expect(others).toMatchObject({
      Line: {
        properties: {sku: {type: 'string'}, bundle: {anyOf: [ref, {type: 'null'}]}},
        required: ['sku'],
        additionalProperties: false,
      },
      Cat: {properties: {kind: {enum: ['cat']}, lives: {type: 'number'}}, required: ['kind', 'lives']},
      Dog: {properties: {kind: {enum: ['dog']}}, required: ['kind']},
    })
  })

  it('have names of their own, though two be called the same', () => {
    const another = (() => {
      class Line {
        @IsInt()
        n!: number
      }
      return Line
    })()
    const schemas = new Schemas()
    expect(schemas.add(Line, open)).toBe('Line')
    expect(schemas.add(another, open)).toBe('Line2')
    expect(schemas.add(Line, open)).toBe('Line')
    expect(schemas.add(Line, closed)).toBe('Line3')
    expect(schemas.all['Line2']).toMatchObject({properties: {n: {type: 'integer'}}})
  })
})
