import type {Fault} from './fault.js'

/** Each in one controller that asks for a service. */
export const serviceFaults: readonly Fault[] = [
  {
    name: 'a token nobody registered',
    code: 'MISSING_TOKEN',
    files: {
      'controllers/token.ts': `import {inject, injectable, OnOpen, WsRoute} from 'candy-ws'

@injectable()
class Mailer {
  constructor(@inject('smtp-url') readonly url: string) {}
}

@WsRoute('/token') // here
export class NeedsToken {
  constructor(readonly mailer: Mailer) {}
  @OnOpen() opened() {}
}`,
    },
    says: ["'smtp-url'", 'NeedsToken -> Mailer'],
    remedy: "container.register('smtp-url'",
  },
  ...['string', 'number[]', 'Date'].map((type, index): Fault => ({
    name: `a constructor that takes a ${type}, without a token`,
    code: 'MISSING_TOKEN',
    files: {
      [`controllers/value-${index}.ts`]: `import {OnOpen, WsRoute} from 'candy-ws'

@WsRoute('/value-${index}') // here
export class Value {
  constructor(private readonly value: ${type}) {}
  @OnOpen() opened() {}
}`,
    },
    says: [`Value -> ${['String', 'Array', 'Date'][index]}`, 'is a value'],
    remedy: "A value needs a token: @inject('name'), and container.register('name', {useValue: ...})",
  })),
  {
    name: 'a singleton that needs Candy',
    code: 'CAPTIVE_DEPENDENCY',
    files: {
      'controllers/captive.ts': `import {Candy, injectable, OnOpen, singleton, WsRoute} from 'candy-ws'

@injectable()
class Keeper {
  constructor(readonly candy: Candy) {}
}

@singleton()
class Journal {
  constructor(readonly keeper: Keeper) {}
}

@WsRoute('/captive') // here
export class NeedsJournal {
  constructor(readonly journal: Journal) {}
  @OnOpen() opened() {}
}`,
    },
    says: ['NeedsJournal -> Journal -> Keeper -> Candy', 'Journal outlives a connection'],
    remedy: 'Lifecycle.ContainerScoped',
  },
  {
    name: 'a singleton controller that needs Candy',
    code: 'CAPTIVE_DEPENDENCY',
    files: {
      'controllers/captive-controller.ts': `import {Candy, OnOpen, WsRoute} from 'candy-ws'

@WsRoute('/captive-controller', {scope: 'singleton'}) // here
export class Captive {
  constructor(readonly candy: Candy) {}
  @OnOpen() opened() {}
}`,
    },
    says: ['Captive -> Candy'],
    remedy: 'parameter of the method',
  },
]
