import {IsInt, Length, Matches, MaxLength} from 'class-validator'

/** What a client says. If it breaks a rule, the client hears the rule's words and the controller hears nothing. */
export class Say {
  @Length(1, 20, {message: 'A name has 1 to 20 characters'})
  name!: string

  @Matches(/\S/, {message: 'There is nothing in it to say'})
  @MaxLength(500, {message: 'That is more than 500 characters'})
  text!: string
}

/** What everybody in the room hears. */
export class Said extends Say {
  /** Milliseconds since 1970. */
  @IsInt()
  at!: number
}
