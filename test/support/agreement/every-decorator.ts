import * as v from 'class-validator'

enum Colour {
  Red = 'red',
  Blue = 'blue',
}
enum Level {
  Low,
  High,
}

/** Every decorator of class-validator's that judges a value, as people write it, and values it may like. */
export const everyDecorator: Readonly<
  Record<
    string,
    {
      readonly decorators: readonly ((options?: v.ValidationOptions) => PropertyDecorator)[]
      readonly likes: readonly unknown[]
    }
  >
> = {
  IsDefined: {decorators: [o => v.IsDefined(o)], likes: [1]},
  Equals: {
    decorators: [o => v.Equals('a', o), o => v.Equals(1, o), o => v.Equals(null, o)],
    likes: ['a', 1, null],
  },
  NotEquals: {decorators: [o => v.NotEquals('a', o), o => v.NotEquals(null, o)], likes: ['b', 'a']},
  IsEmpty: {decorators: [o => v.IsEmpty(o)], likes: ['', null]},
  IsNotEmpty: {decorators: [o => v.IsNotEmpty(o)], likes: ['a', '', [], {}]},
  IsIn: {
    decorators: [o => v.IsIn(['a', 1, null, true], o), o => v.IsIn([], o)],
    likes: ['a', 1, null, true, '1'],
  },
  IsNotIn: {decorators: [o => v.IsNotIn(['a', 1, null], o)], likes: ['a', 'b']},
  IsDivisibleBy: {decorators: [o => v.IsDivisibleBy(3, o)], likes: [3, 9, 4, 0, -6, 3.3]},
  IsPositive: {decorators: [o => v.IsPositive(o)], likes: [1, 0, -1, 0.1]},
  IsNegative: {decorators: [o => v.IsNegative(o)], likes: [-1, 0, 1]},
  Max: {
    decorators: [o => v.Max(10, o), o => v.Max(-1.5, o), o => v.Max('3' as never, o)],
    likes: [10, 11, -2, 3],
  },
  Min: {
    decorators: [o => v.Min(10, o), o => v.Min(0, o), o => v.Min(undefined as never, o)],
    likes: [10, 9, 0],
  },
  MinDate: {
    decorators: [o => v.MinDate(new Date(0), o), o => v.MinDate(() => new Date(0), o)],
    likes: ['2020-01-01'],
  },
  MaxDate: {decorators: [o => v.MaxDate(new Date(0), o)], likes: ['1969-01-01']},
  Contains: {decorators: [o => v.Contains('ab', o)], likes: ['cabd', 'ab', 'a']},
  NotContains: {decorators: [o => v.NotContains('ab', o)], likes: ['cabd', 'ba']},
  IsAlpha: {
    decorators: [o => v.IsAlpha(undefined, o), o => v.IsAlpha('de-DE', o)],
    likes: ['abc', 'äöü', 'a1'],
  },
  IsAlphanumeric: {decorators: [o => v.IsAlphanumeric(undefined, o)], likes: ['abc1', 'a-']},
  IsDecimal: {
    decorators: [o => v.IsDecimal({}, o), o => v.IsDecimal({decimal_digits: '2'}, o)],
    likes: ['1.25', '1', '.5'],
  },
  IsAscii: {decorators: [o => v.IsAscii(o)], likes: ['abc', 'ä']},
  IsBase64: {decorators: [o => v.IsBase64({}, o)], likes: ['YWJj', 'YWJ']},
  IsByteLength: {decorators: [o => v.IsByteLength(2, 4, o)], likes: ['ab', '€', '€€']},
  IsCreditCard: {decorators: [o => v.IsCreditCard(o)], likes: ['4111111111111111', '4111111111111112']},
  IsCurrency: {decorators: [o => v.IsCurrency({}, o)], likes: ['$10.50', '10,50']},
  IsEmail: {
    decorators: [o => v.IsEmail({}, o), o => v.IsEmail({allow_display_name: true}, o)],
    likes: ['a@example.com', 'a@b', 'A <a@example.com>'],
  },
  IsFQDN: {decorators: [o => v.IsFQDN({}, o)], likes: ['example.com', 'localhost']},
  IsFullWidth: {decorators: [o => v.IsFullWidth(o)], likes: ['ａ', 'a']},
  IsHalfWidth: {decorators: [o => v.IsHalfWidth(o)], likes: ['ａ', 'a']},
  IsVariableWidth: {decorators: [o => v.IsVariableWidth(o)], likes: ['ａa', 'a']},
  IsHexColor: {decorators: [o => v.IsHexColor(o)], likes: ['#fff', 'fff', '#ggg']},
  IsHexadecimal: {decorators: [o => v.IsHexadecimal(o)], likes: ['ff', '0xff', 'g']},
  IsMACAddress: {decorators: [o => v.IsMACAddress({}, o)], likes: ['01:02:03:04:05:ab', '01020304']},
  IsIP: {
    decorators: [o => v.IsIP(undefined, o), o => v.IsIP(4, o), o => v.IsIP('6', o)],
    likes: ['127.0.0.1', '::1', '300.1.1.1'],
  },
  IsPort: {decorators: [o => v.IsPort(o)], likes: ['80', '65536', '0080']},
  IsISBN: {
    decorators: [o => v.IsISBN(undefined, o), o => v.IsISBN(13, o)],
    likes: ['9783836221191', '3836221195'],
  },
  IsISIN: {decorators: [o => v.IsISIN(o)], likes: ['DE000BAY0017']},
  IsISO8601: {
    decorators: [o => v.IsISO8601({}, o), o => v.IsISO8601({strict: true}, o)],
    likes: ['2020-01-01T00:00:00Z', '2020-02-30'],
  },
  IsJSON: {decorators: [o => v.IsJSON(o)], likes: ['{}', '[1]', '1', '{']},
  IsJWT: {decorators: [o => v.IsJWT(o)], likes: ['eyJhbGciOiJIUzI1NiJ9.e30.c2ln', 'a.b']},
  IsLowercase: {decorators: [o => v.IsLowercase(o)], likes: ['abc', 'Abc']},
  IsUppercase: {decorators: [o => v.IsUppercase(o)], likes: ['ABC', 'Abc']},
  IsMobilePhone: {
    decorators: [o => v.IsMobilePhone(undefined, {}, o), o => v.IsMobilePhone('de-DE', {}, o)],
    likes: ['+4915112345678', '123'],
  },
  IsISO31661Alpha2: {decorators: [o => v.IsISO31661Alpha2(o)], likes: ['DE', 'XX']},
  IsISO31661Alpha3: {decorators: [o => v.IsISO31661Alpha3(o)], likes: ['DEU', 'XXX']},
  IsISO31661Numeric: {decorators: [o => v.IsISO31661Numeric(o)], likes: ['276', '999']},
  IsMongoId: {decorators: [o => v.IsMongoId(o)], likes: ['507f1f77bcf86cd799439011', '507f']},
  IsMultibyte: {decorators: [o => v.IsMultibyte(o)], likes: ['ä', 'a']},
  IsSurrogatePair: {decorators: [o => v.IsSurrogatePair(o)], likes: ['😀', 'a']},
  IsUrl: {
    decorators: [o => v.IsUrl({}, o), o => v.IsUrl({require_tld: false}, o)],
    likes: ['https://example.com', 'http://localhost', 'x'],
  },
  IsUUID: {
    decorators: [o => v.IsUUID(undefined, o), o => v.IsUUID('4', o)],
    likes: ['9b2e1e0a-6f6e-4d2b-8a58-3b2a4b1c8d11', '9b2e'],
  },
  IsFirebasePushId: {decorators: [o => v.IsFirebasePushId(o)], likes: ['-M-Jh_1KAH5rYJF_7-kY']},
  Length: {
    decorators: [
      o => v.Length(2, 4, o),
      o => v.Length(0, undefined, o),
      o => v.Length(3, undefined, o),
      o => v.Length(0, 0, o),
    ],
    likes: ['', 'a', 'ab', 'abcde', '😀😀', '😀', 'a️', '☁️☁️', '️️'],
  },
  MaxLength: {
    decorators: [o => v.MaxLength(2, o), o => v.MaxLength(0, o)],
    likes: ['ab', 'abc', '😀😀', '😀😀😀', 'a️b️'],
  },
  MinLength: {
    decorators: [
      o => v.MinLength(2, o),
      o => v.MinLength(1, o),
      o => v.MinLength(0, o),
      o => v.MinLength(4, o),
    ],
    likes: ['', 'a', 'ab', '😀', 'a️', '️', '😀️😀️', '\ud83d', '\ude00\ude00'],
  },
  // Not a sticky pattern: it keeps its place from one call to the next, whoever calls.
  Matches: {
    decorators: [o => v.Matches(/^[a-z]+$/, o), o => v.Matches(/a/g, o), o => v.Matches('^b', 'i', o)],
    likes: ['abc', 'a', 'ba', 'B', 'A'],
  },
  IsPhoneNumber: {
    decorators: [o => v.IsPhoneNumber(undefined, o), o => v.IsPhoneNumber('DE', o)],
    likes: ['+4930123456', '030 123456'],
  },
  IsMilitaryTime: {decorators: [o => v.IsMilitaryTime(o)], likes: ['23:59', '24:00']},
  IsHash: {decorators: [o => v.IsHash('md5', o)], likes: ['d41d8cd98f00b204e9800998ecf8427e', 'd41d']},
  IsISSN: {decorators: [o => v.IsISSN({}, o)], likes: ['0378-5955', '0378-5956']},
  IsDateString: {
    decorators: [o => v.IsDateString({}, o), o => v.IsDateString({strict: true}, o)],
    likes: ['2020-01-01', '2020-13-01'],
  },
  IsBooleanString: {decorators: [o => v.IsBooleanString(o)], likes: ['true', '0', 'yes']},
  IsNumberString: {
    decorators: [o => v.IsNumberString({}, o), o => v.IsNumberString({no_symbols: true}, o)],
    likes: ['12', '-1.5', '1e3'],
  },
  IsBase32: {decorators: [o => v.IsBase32(o)], likes: ['JBSWY3DP', 'j']},
  IsBIC: {decorators: [o => v.IsBIC(o)], likes: ['DEUTDEFF', 'DEUT']},
  IsBtcAddress: {decorators: [o => v.IsBtcAddress(o)], likes: ['1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2', '1B']},
  IsDataURI: {decorators: [o => v.IsDataURI(o)], likes: ['data:,a', 'data']},
  IsEAN: {decorators: [o => v.IsEAN(o)], likes: ['4006381333931', '4006381333932']},
  IsEthereumAddress: {
    decorators: [o => v.IsEthereumAddress(o)],
    likes: ['0x0000000000000000000000000000000000000001', '0x'],
  },
  IsHSL: {decorators: [o => v.IsHSL(o)], likes: ['hsl(120, 100%, 50%)', 'hsl']},
  IsIBAN: {decorators: [o => v.IsIBAN({}, o)], likes: ['DE89370400440532013000', 'DE89']},
  IsIdentityCard: {
    decorators: [o => v.IsIdentityCard('ES', o), o => v.IsIdentityCard('any' as never, o)],
    likes: ['99999999R', '1'],
  },
  IsISRC: {decorators: [o => v.IsISRC(o)], likes: ['USRC17607839', 'US']},
  IsLocale: {decorators: [o => v.IsLocale(o)], likes: ['de_DE', 'x']},
  IsMagnetURI: {
    decorators: [o => v.IsMagnetURI(o)],
    likes: ['magnet:?xt=urn:btih:06E2A9683BF4DA92C73A661AC56F0ECC9C63C5B4', 'magnet:'],
  },
  IsMimeType: {decorators: [o => v.IsMimeType(o)], likes: ['text/plain', 'text']},
  IsOctal: {decorators: [o => v.IsOctal(o)], likes: ['0o17', '9']},
  IsPassportNumber: {decorators: [o => v.IsPassportNumber('DE', o)], likes: ['C01X00T47', '1']},
  IsPostalCode: {
    decorators: [o => v.IsPostalCode('DE', o), o => v.IsPostalCode('any', o)],
    likes: ['10115', 'x'],
  },
  IsRFC3339: {decorators: [o => v.IsRFC3339(o)], likes: ['2020-01-01T00:00:00Z', '2020']},
  IsRgbColor: {decorators: [o => v.IsRgbColor(undefined, o)], likes: ['rgb(1,2,3)', 'rgb(5%,5%,5%)', 'rgb']},
  IsSemVer: {decorators: [o => v.IsSemVer(o)], likes: ['1.2.3', '1.2']},
  IsStrongPassword: {decorators: [o => v.IsStrongPassword({}, o)], likes: ['aB3$efgh', 'weak']},
  IsTimeZone: {decorators: [o => v.IsTimeZone(o)], likes: ['Europe/Berlin', 'Mars/Phobos']},
  IsBase58: {decorators: [o => v.IsBase58(o)], likes: ['3yZ', '0']},
  IsTaxId: {decorators: [o => v.IsTaxId('de-DE', o)], likes: ['26954371827', '1']},
  IsISO4217CurrencyCode: {decorators: [o => v.IsISO4217CurrencyCode(o)], likes: ['EUR', 'XYZ']},
  IsISO6391: {decorators: [o => v.IsISO6391(o)], likes: ['de', 'xx']},
  IsLatLong: {decorators: [o => v.IsLatLong(o)], likes: ['52.5,13.4', '91,0', 1]},
  IsLatitude: {decorators: [o => v.IsLatitude(o)], likes: ['52.5', 52.5, 91]},
  IsLongitude: {decorators: [o => v.IsLongitude(o)], likes: ['13.4', 13.4, 181]},
  IsBoolean: {decorators: [o => v.IsBoolean(o)], likes: [true, false]},
  IsDate: {decorators: [o => v.IsDate(o)], likes: ['2020-01-01']},
  IsNumber: {
    decorators: [
      o => v.IsNumber({}, o),
      o => v.IsNumber({maxDecimalPlaces: 1}, o),
      o => v.IsNumber({allowNaN: true}, o),
    ],
    likes: [1, 1.5, 1.25, -0],
  },
  IsEnum: {
    decorators: [o => v.IsEnum(Colour, o), o => v.IsEnum(Level, o)],
    likes: ['red', 'Red', 0, 1, 2, 'Low'],
  },
  IsInt: {decorators: [o => v.IsInt(o)], likes: [1, -1, 1.5, 1e300]},
  IsString: {decorators: [o => v.IsString(o)], likes: ['', 'a']},
  IsArray: {decorators: [o => v.IsArray(o)], likes: [[], [1]]},
  IsObject: {decorators: [o => v.IsObject(o)], likes: [{}, {a: 1}]},
  ArrayContains: {decorators: [o => v.ArrayContains(['a', 1], o)], likes: [['a', 1], ['a']]},
  ArrayNotContains: {decorators: [o => v.ArrayNotContains(['a'], o)], likes: [['a'], ['b']]},
  ArrayNotEmpty: {decorators: [o => v.ArrayNotEmpty(o)], likes: [[], [1]]},
  ArrayMinSize: {decorators: [o => v.ArrayMinSize(2, o), o => v.ArrayMinSize(0, o)], likes: [[1], [1, 2]]},
  ArrayMaxSize: {
    decorators: [o => v.ArrayMaxSize(2, o)],
    likes: [
      [1, 2],
      [1, 2, 3],
    ],
  },
  ArrayUnique: {
    decorators: [o => v.ArrayUnique(o), o => v.ArrayUnique((one: {id?: unknown}) => one.id, o)],
    likes: [
      [1, 2],
      [1, 1],
      [{id: 1}, {id: 1}],
      [null, null],
    ],
  },
  IsNotEmptyObject: {
    decorators: [o => v.IsNotEmptyObject({}, o), o => v.IsNotEmptyObject({nullable: false}, o)],
    likes: [{}, {a: 1}, {a: null}],
  },
  IsInstance: {
    decorators: [o => v.IsInstance(Date, o), o => v.IsInstance(Object, o)],
    likes: ['2020-01-01', {}],
  },
}

/** Those that say how a property is looked at; the generated classes use them. */
export const structural: readonly string[] = [
  'Allow',
  'IsOptional',
  'ValidatorConstraint',
  'Validate',
  'ValidateBy',
  'ValidateIf',
  'ValidateNested',
  'ValidatePromise',
]
