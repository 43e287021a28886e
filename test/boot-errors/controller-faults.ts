import type {Fault} from './fault.js'

/** Each in one controller, or one and what it imports. */
export const controllerFaults: readonly Fault[] = [
  {
    name: 'a controller without a handler',
    code: 'NO_HANDLER',
    files: {
      'controllers/idle.ts': `import {WsRoute} from 'candy-ws'

@WsRoute('/idle') // here
export class Idle {
  opened() {}
}`,
    },
    says: ['Idle has no handler'],
    remedy: '@OnMessage',
  },
  {
    name: 'a guard without its parentheses, which would guard nothing',
    code: 'LOAD_FAILED',
    files: {
      'controllers/unguarded.ts': `import {Auth, OnMessage, WsRoute} from 'candy-ws'

@WsRoute('/unguarded')
export class Unguarded {
  @Auth
  @OnMessage('say')
  say() {} // here
}`,
    },
    says: ['@Auth stands without its parentheses'],
    remedy: 'Write @Auth(...)',
  },
  {
    name: 'a handler without metadata',
    code: 'NO_METADATA',
    files: {
      'controllers/bare-method.js': `import {OnMessage, WsRoute} from 'candy-ws'
export class BareMethod {
  say(message, candy) {}
}
OnMessage('say')(BareMethod.prototype, 'say')
WsRoute('/bare-method')(BareMethod) // here`,
    },
    says: ['no types for BareMethod.say()'],
    remedy: 'emitDecoratorMetadata',
  },
  {
    name: 'a body without metadata, which would pass unjudged',
    code: 'NO_METADATA',
    files: {
      'controllers/bare-body.js': `import {Body, OnMessage, WsRoute} from 'candy-ws'
export class BareBody {
  say(message) {}
}
Body()(BareBody.prototype, 'say', 0)
OnMessage('say')(BareBody.prototype, 'say')
WsRoute('/bare-body')(BareBody) // here`,
    },
    says: ['no types for BareBody.say()'],
    remedy: 'emitDecoratorMetadata',
  },
  {
    name: 'a constructor without metadata',
    code: 'NO_METADATA',
    files: {
      'controllers/bare-constructor.js': `import {OnOpen, WsRoute} from 'candy-ws'
export class BareConstructor {
  constructor(candy) {}
  opened() {}
}
OnOpen()(BareConstructor.prototype, 'opened')
WsRoute('/bare-constructor')(BareConstructor) // here`,
    },
    says: ['no types for the constructor of BareConstructor'],
    remedy: '{inject: [...]}',
  },
  {
    name: 'a type-only import of what the constructor injects',
    code: 'TYPE_ONLY_IMPORT',
    files: {
      'services/mailer.ts': `import {injectable} from 'candy-ws'
@injectable()
export class Mailer {}`,
      'controllers/type-only.ts': `import {OnOpen, WsRoute} from 'candy-ws'
import type {Mailer} from '../services/mailer.js'

@WsRoute('/type-only') // here
export class TypeOnly {
  constructor(readonly mailer: Mailer) {}
  @OnOpen() opened() {}
}`,
    },
    says: ['parameter 1 of the constructor of TypeOnly'],
    remedy: 'without `type`',
  },
  {
    name: 'a type-only import of what a method takes',
    code: 'TYPE_ONLY_IMPORT',
    files: {
      'services/poster.ts': `import {injectable} from 'candy-ws'
@injectable()
export class Poster {}`,
      'controllers/type-only-method.ts': `import {Candy, OnOpen, WsRoute} from 'candy-ws'
import type {Poster} from '../services/poster.js'

@WsRoute('/type-only-method') // here
export class TypeOnlyMethod {
  @OnOpen() opened(candy: Candy, poster: Poster) {}
}`,
    },
    says: ['parameter 2 of TypeOnlyMethod.opened()'],
    remedy: 'without `type`',
  },
  {
    name: 'two files that import each other',
    code: 'CIRCULAR_IMPORT',
    files: {
      'controllers/circle.ts': `import {OnOpen, WsRoute} from 'candy-ws'
import {Partner} from '../services/partner.js'

export class Shared {}

@WsRoute('/circle')
export class Circle {
  constructor(readonly partner: Partner) {}
  @OnOpen() opened() {}
}`,
      'services/partner.ts': `import {injectable} from 'candy-ws'
import {Shared} from '../controllers/circle.js'

@injectable() // here
export class Partner {
  constructor(readonly shared: Shared) {}
}`,
    },
    says: ['circular import', 'Shared'],
    remedy: 'into a third',
  },
  {
    name: 'a class that is neither a DTO nor injectable',
    code: 'UNINJECTABLE',
    files: {
      'controllers/plain.ts': `import {OnMessage, WsRoute} from 'candy-ws'

export class Say {
  text = ''
}

@WsRoute('/plain') // here
export class Plain {
  @OnMessage('say') say(message: Say) {}
}`,
    },
    says: ['parameter 1 of Plain.say() is a Say, which is neither a DTO nor injectable'],
    remedy: '@Body()',
  },
  {
    name: 'a @Param that the path does not have',
    code: 'UNKNOWN_PARAMETER',
    files: {
      'controllers/parameter.ts': `import {OnOpen, Param, WsRoute} from 'candy-ws'

@WsRoute('/parameter/<id>') // here
export class Parameter {
  @OnOpen() opened(@Param('name') name: string) {}
}`,
    },
    says: ["@Param('name') of Parameter.opened()"],
    remedy: 'The path has id',
  },
  {
    name: 'two classes that need each other',
    code: 'CIRCULAR_IMPORT',
    files: {
      'controllers/ring.ts': `import {inject, injectable, OnOpen, WsRoute} from 'candy-ws'
import {container} from 'tsyringe'

@injectable()
class Left {
  constructor(@inject('ring-right') readonly right: object) {}
}

@injectable()
class Right {
  constructor(readonly left: Left) {}
}

container.register('ring-right', {useClass: Right})

@WsRoute('/ring') // here
export class Ring {
  constructor(readonly right: Right) {}
  @OnOpen() opened() {}
}`,
    },
    says: ['Ring -> Right -> Left', 'is a circle'],
    remedy: 'delay(() => Class)',
  },
  {
    name: 'a body that a circle left undefined, which would pass unjudged',
    code: 'CIRCULAR_IMPORT',
    files: {
      'controllers/undefined-body.js': `import {Body, OnMessage, WsRoute} from 'candy-ws'
export class UndefinedBody {
  say(message) {}
}
Body()(UndefinedBody.prototype, 'say', 0)
Reflect.defineMetadata('design:paramtypes', [undefined], UndefinedBody.prototype, 'say')
OnMessage('say')(UndefinedBody.prototype, 'say')
WsRoute('/undefined-body')(UndefinedBody) // here`,
    },
    says: ['parameter 1 of UndefinedBody.say() is undefined'],
    remedy: 'into a third file',
  },
  {
    name: 'a class that a circle left undefined, as compiled CommonJS has it',
    code: 'CIRCULAR_IMPORT',
    files: {
      'controllers/undefined.js': `import {OnOpen, WsRoute} from 'candy-ws'
export class Undefined {
  constructor(partner) {}
  opened() {}
}
Reflect.defineMetadata('design:paramtypes', [undefined], Undefined)
OnOpen()(Undefined.prototype, 'opened')
WsRoute('/undefined')(Undefined) // here`,
    },
    says: ['parameter 1 of the constructor of Undefined is undefined'],
    remedy: 'into a third file',
  },
  {
    name: 'a body without rules',
    code: 'NO_RULES',
    files: {
      'controllers/no-rules.ts': `import {Body, OnMessage, WsRoute} from 'candy-ws'
export class Plain {
  text = ''
}

@WsRoute('/no-rules') // here
export class NoRules {
  @OnMessage('say') say(@Body() message: Plain) {}
}`,
    },
    says: ['parameter 1 of NoRules.say() is a Plain', 'no validation rules'],
    remedy: '{validate: false}',
  },
  {
    name: 'a body without rules, said in the options',
    code: 'NO_RULES',
    files: {
      'controllers/said-body.ts': `import {OnMessage, WsRoute} from 'candy-ws'
export class Plain {
  text = ''
}

@WsRoute('/said-body') // here
export class SaidBody {
  @OnMessage('say', {body: Plain}) say(message: Plain) {}
}`,
    },
    says: ['parameter 1 of SaidBody.say() is a Plain'],
    remedy: '@IsString()',
  },
  {
    name: 'a reply without rules',
    code: 'NO_RULES',
    files: {
      'controllers/plain-reply.ts': `import {OnMessage, WsRoute} from 'candy-ws'
export class Plain {
  text = ''
}

@WsRoute('/plain-reply') // here
export class PlainReply {
  @OnMessage('say', {reply: Plain}) say() {}
}`,
    },
    says: ['the reply of PlainReply.say() is a Plain'],
    remedy: '{validate: false}',
  },
  {
    name: 'what is sent, without rules',
    code: 'NO_RULES',
    files: {
      'controllers/plain-emits.ts': `import {Emits, OnMessage, WsRoute} from 'candy-ws'
export class Plain {
  text = ''
}

@Emits('said', Plain)
@WsRoute('/plain-emits') // here
export class PlainEmits {
  @OnMessage('say') say() {}
}`,
    },
    says: ["@Emits('said') of PlainEmits is a Plain"],
    remedy: '{validate: false}',
  },
  {
    name: 'a reply of what answers nobody',
    code: 'INVALID_OPTION',
    files: {
      'controllers/reply-of-all.ts': `import {OnMessage, WsRoute} from 'candy-ws'


@WsRoute('/reply-of-all') // here
export class ReplyOfAll {
  @OnMessage({reply: Object}) all() {}
}`,
    },
    says: ["unknown option 'reply'"],
    remedy: 'validate',
  },
  {
    name: 'groups that are no list of names',
    code: 'INVALID_OPTION',
    files: {
      'controllers/groups.ts': `import {OnMessage, WsRoute} from 'candy-ws'


@WsRoute('/groups') // here
export class Groups {
  @OnMessage('say', {groups: [5]}) say() {}
}`,
    },
    says: ["the option 'groups'"],
    remedy: 'a list of strings',
  },
  {
    name: 'an unknown option of @Body',
    code: 'INVALID_OPTION',
    files: {
      'controllers/body-option.ts': `import {Body, OnMessage, WsRoute} from 'candy-ws'


@WsRoute('/body-option') // here
export class BodyOption {
  @OnMessage('say') say(@Body({validated: false}) message: object) {}
}`,
    },
    says: ["unknown option 'validated' of @Body() of BodyOption.say()"],
    remedy: 'validate',
  },
  {
    name: 'a class for bytes',
    code: 'UNINJECTABLE',
    files: {
      'controllers/bytes-dto.ts': `import {Body, OnBinary, WsRoute} from 'candy-ws'
import {IsString} from 'class-validator'
class Chunk {
  @IsString() text = ''
}

@WsRoute('/bytes-dto') // here
export class BytesDto {
  @OnBinary() bytes(@Body() chunk: Chunk) {}
}`,
    },
    says: ['parameter 1 of BytesDto.bytes() is a Chunk'],
    remedy: 'a Buffer',
  },
  {
    name: 'a body that no message of a type can be',
    code: 'UNINJECTABLE',
    files: {
      'controllers/list-body.ts': `import {Body, OnMessage, WsRoute} from 'candy-ws'


@WsRoute('/list-body') // here
export class ListBody {
  @OnMessage('say') say(@Body() lines: string[]) {}
  @OnMessage() rest(@Body() text: string) {}
}`,
    },
    says: ['parameter 1 of ListBody.say() has the type Array, and a message of a type is an object'],
    remedy: 'a field for it',
  },
  {
    name: 'a body where there is no message',
    code: 'UNINJECTABLE',
    files: {
      'controllers/no-body.ts': `import {Body, OnOpen, WsRoute} from 'candy-ws'


@WsRoute('/no-body') // here
export class NoBody {
  @OnOpen() opened(@Body() first: object) {}
}`,
    },
    says: ['parameter 1 of NoBody.opened() is the body of a message, and this handler has none'],
    remedy: '@OnMessage()',
  },
  {
    name: 'two bodies of one message',
    code: 'UNINJECTABLE',
    files: {
      'controllers/two-bodies.ts': `import {OnMessage, WsRoute} from 'candy-ws'
import {IsString} from 'class-validator'
class First {
  @IsString() text = ''
}
class Second {
  @IsString() text = ''
}

@WsRoute('/two-bodies') // here
export class TwoBodies {
  @OnMessage('say') say(first: First, second: Second) {}
}`,
    },
    says: ['TwoBodies.say() takes a First and a Second'],
    remedy: 'Keep one',
  },
]
