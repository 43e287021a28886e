import {Type} from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsString,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'

export class Line {
  @IsString()
  @Length(1, 32)
  sku!: string

  @IsInt()
  @Min(1)
  @Max(999)
  quantity!: number
}

/** Five fields: two whole numbers, two strings, and an array of three objects. */
export class Order {
  @IsInt()
  @Min(1)
  id!: number

  @IsInt()
  @Min(0)
  @Max(9)
  priority!: number

  @IsString()
  @Length(1, 64)
  customer!: string

  @IsString()
  @Length(0, 200)
  note!: string

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(10)
  @ValidateNested({each: true})
  @Type(() => Line)
  lines!: Line[]
}

/** What an order is answered with. */
export class Accepted {
  @IsInt()
  accepted!: number

  @IsInt()
  lines!: number
}
