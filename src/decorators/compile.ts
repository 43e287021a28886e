import type {Candy} from '../candy.js'
import {bootError, Problems} from '../errors.js'
import {inOrder} from '../guard.js'
import {checkOf} from '../messages/body.js'
import type {Taken} from '../messages/contract.js'
import type {MessageTable} from '../messages/dispatch.js'
import {fieldsWithoutRules, unjudgedLists} from '../messages/dto.js'
import {slowPatterns} from '../messages/validator-patterns.js'
import type {Whitelist} from '../messages/rules.js'
import type {MessageRun} from '../messages/turn.js'
import {parsePattern} from '../routing/pattern.js'
import {
  checkMiddleware,
  middlewareName,
  type Middleware,
  type MiddlewareReference,
  type RouteDraft,
} from '../routing/route.js'
import {showSource} from '../routing/source.js'
import type {ControllerOptions} from './class.js'
import {handlerArguments} from './arguments.js'
import {checkGuarded, checkHandlerOptions, checkInject, checkMethods} from './checks.js'
import type {CompiledHandler} from './compiled-handler.js'
import {compileEmits, sentBy} from './emits.js'
import {makeInjectable, type Container} from './container.js'
import {replyContent, replying} from './reply.js'
import {runEvent, runMessage, type EventRun} from './run.js'
import {recipeOf, type Maker} from './recipe.js'
import {Scope} from './scope.js'
import {checkDependencies} from './dependencies.js'
import {urlConverts, type Conversion} from './url.js'
import {inheritedNotes, type Class, type ClassNotes, type HandlerKind, type MethodNotes} from './notes.js'

export interface CompileContext {
  readonly container: Container
  readonly dir: string
  /** The app's, for controllers that give none. */
  readonly whitelist: Whitelist
  readonly middleware: (reference: MiddlewareReference<Candy>, place: string) => Middleware<Candy>
  /** Told what is no fault, and good to know. */
  readonly remark: (text: string) => void
}

/** One handler method, ready to be called. */
interface Method {
  readonly kind: HandlerKind
  readonly type: string | undefined
  /** One of the two: what runs it. */
  readonly event?: EventRun
  readonly message?: MessageRun<Candy>
  /** What it takes; of a message. */
  readonly taken?: Taken
  readonly conversions: readonly Conversion[]
  readonly asksUser: boolean
}

/**
 * Turns a class into a route. From here on it is a functional route: server, gate and inbox never learn that
 * decorators exist.
 *
 * @param problems takes every fault of the class; the route is then for `defineRoute` to judge only, not to serve
 * @throws BootError if the class has no route
 */
export function compile(cls: Class, context: CompileContext, problems: Problems): RouteDraft<Candy> {
  const notes = inheritedNotes(cls)
  const source = notes.route?.source
  const place = source ? showSource(source, context.dir) : cls.name
  if (!notes.route)
    throw bootError(
      'NO_HANDLER',
      place,
      `${cls.name} has no @WsRoute`,
      "Decorate the class: @WsRoute('/path').",
    )

  const options = notes.route.options as ControllerOptions | undefined
  const singleton = options?.scope === 'singleton'
  const inject = problems.collect(() => checkInject(options?.inject, place))
  makeInjectable(cls, inject)
  problems.collect(() => checkDependencies(cls, context.container, place, singleton ? cls.name : undefined))

  const params = problemFree(() => parsePattern(notes.route!.path, place).params)
  const whitelist = options?.whitelist ?? context.whitelist
  const methods = [...notes.methods].flatMap(([name, method]) =>
    compileMethods(cls, name, method, {context, params, place, problems, whitelist}),
  )
  problems.collect(() => checkMethods(cls, notes, place))
  const encode = problems.collect(() => compileEmits(cls.name, notes.emits, whitelist, place))

  return {
    kind: 'ws',
    path: notes.route.path,
    handler: Object.assign(
      compileHandler(cls, methods, context.container, singleton),
      {contract: {takes: methods.flatMap(({taken}) => taken ?? []), sends: sentBy(notes.emits)}},
      encode && {encode},
    ),
    options: routeOptions(notes, options),
    use: notes.use,
    auth: notes.auth ?? false,
    source,
  }
}

/** The path's own faults are told by `defineRoute`, once. */
function problemFree<T>(step: () => T): T | undefined {
  return new Problems().collect(step)
}

function routeOptions(notes: ClassNotes, options: unknown): unknown {
  if (options !== undefined && (typeof options !== 'object' || options === null)) return options
  const {inject: _, ...rest} = (options ?? {}) as ControllerOptions
  return {
    ...rest,
    ...(notes.token !== undefined && {token: notes.token}),
    ...(notes.auth !== undefined && {auth: notes.auth}),
    ...(notes.parallel !== undefined && {parallel: notes.parallel}),
  }
}

interface Site {
  readonly context: CompileContext
  readonly params: readonly string[] | undefined
  readonly place: string
  readonly problems: Problems
  readonly whitelist: Whitelist
}

function compileMethods(cls: Class, name: string | symbol, notes: MethodNotes, site: Site): Method[] {
  const {context, params, place, problems, whitelist} = site
  const guards = notes.use.flatMap(
    reference =>
      problems.collect(() => {
        checkMiddleware(reference, place)
        return context.middleware(reference, place)
      }) ?? [],
  )
  if (notes.auth === true || notes.use.length > 0)
    problems.collect(() =>
      checkGuarded(
        `${cls.name}.${String(name)}()`,
        notes.handlers.map(({kind}) => kind),
        place,
      ),
    )
  return notes.handlers.flatMap(({kind, type, options}) => {
    const sound = problems.collect(() => checkHandlerOptions(kind, type, options, place))
    if (!sound) return []
    const args = problems.collect(() =>
      handlerArguments({
        cls,
        method: name,
        kind,
        typed: type !== undefined,
        notes,
        options,
        params,
        place,
        container: context.container,
      }),
    )
    if (!args) return []
    for (const remark of args.remarks) context.remark(`${place}  ${remark}`)
    const auth = notes.auth === true
    const method = {kind, type, asksUser: auth || args.async, conversions: args.conversions}
    if (kind !== 'message' && kind !== 'binary') return {...method, event: runEvent(name, args)}
    const typed = type !== undefined
    const check = typed || args.body ? checkOf(args.body, whitelist, {groups: options.groups}) : undefined
    if (check?.notCompiled !== undefined)
      context.remark(`${place}  ${remarkOn(args.body!, check.notCompiled)}`)
    for (const field of args.body ? unjudgedLists(args.body) : [])
      context.remark(
        `${place}  the items of ${field} are not checked: put @ValidateNested({each: true}) and @Type(() => Item) on it, rules with {each: true}, or @Allow({each: true}) if anything may be in it`,
      )
    for (const field of args.body && whitelist === 'refuse' ? fieldsWithoutRules(args.body) : [])
      context.remark(
        `${place}  ${field} has no rule, so a message that has it is refused: decorate it, with @Allow() if anything may be in it`,
      )
    for (const pattern of args.body ? slowPatterns(args.body) : [])
      context.remark(`${place}  ${pattern} takes very long for some texts: anybody may send one`)
    const run = runMessage(name, {args, auth, guards, check, typed})
    const message = problems.collect(() =>
      replying(run, `${cls.name}.${String(name)}()`, options, whitelist, place),
    )
    const taken: Taken = {
      form: typed ? 'typed' : kind === 'binary' ? 'binary' : 'text',
      type,
      body: args.body ?? (args.asParsed || !typed ? 'anything' : 'empty'),
      groups: options.groups,
      reply: typed ? replyContent(options) : undefined,
      auth,
      use: notes.use.map(middlewareName),
    }
    return {...method, taken, message: message ?? run}
  })
}

function remarkOn(cls: Class, why: string): string {
  return `${cls.name} is judged by class-validator itself, which takes a hundred times as long: ${why}`
}

function compileHandler(
  cls: Class,
  methods: readonly Method[],
  container: Container,
  singleton: boolean,
): CompiledHandler {
  const of = (kind: HandlerKind) =>
    methods.flatMap(method => (method.kind === kind && method.event ? [method.event] : []))
  const table = messageTable(methods)
  const [opens, closes, errors] = [of('open'), of('close'), of('error')]
  const conversions = methods.flatMap(method => method.conversions)
  let make: ((scope: Scope) => object) | undefined

  const handler: CompiledHandler = candy => {
    const {ws} = candy
    ws.live?.holdUntilSettled()
    const scope = new Scope(container, candy)
    candy.scope = scope
    // Decided by the first connection: until then the app's singletons are not made.
    make ??= maker(cls, container, singleton)
    const receiver = make(scope)
    candy.taker = {table, receiver}
    for (const run of closes) ws.on('close', (code, reason) => run(receiver, {candy, code, reason}))
    for (const run of errors) ws.on('error', error => run(receiver, {candy, error}))
    return inOrder(opens, run => run(receiver, {candy}))
  }
  if (methods.some(method => method.asksUser)) handler.asksUser = true
  if (conversions.length > 0) handler.admits = candy => urlConverts(candy, conversions)
  return Object.defineProperty(handler, 'name', {value: cls.name})
}

function maker(cls: Class, container: Container, singleton: boolean): (scope: Scope) => object {
  if (!singleton)
    return (recipeOf(cls, container) as ((maker: Maker) => object) | undefined) ?? (scope => scope.get(cls))
  const only = container.get(cls)
  return () => only
}

function messageTable(methods: readonly Method[]): MessageTable<Candy> {
  const rest = (kind: HandlerKind) =>
    methods.find(method => method.kind === kind && method.type === undefined)?.message
  const typed = methods.flatMap(({type, message}) =>
    type !== undefined && message ? [[type, message] as const] : [],
  )
  return {typed: new Map(typed), text: rest('message'), binary: rest('binary')}
}
