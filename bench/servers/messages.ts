import {IsBoolean, IsInt, Length, MaxLength, Min} from 'class-validator'

// The same classes for all who judge what they hear.

export class Order {
  @IsInt()
  @Min(1)
  id!: number

  @Length(1, 64)
  user!: string

  @MaxLength(500)
  text!: string

  @IsInt()
  ts!: number
}

export class Accepted {
  @IsInt()
  id!: number

  @IsBoolean()
  accepted!: boolean

  @IsInt()
  length!: number

  @IsInt()
  ts!: number
}

export class Say {
  @Length(1, 5_000)
  text!: string
}
