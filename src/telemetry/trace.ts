import type {Context} from '@opentelemetry/api'

/** Where work belongs, as OpenTelemetry knows it: it is handed on, and only OpenTelemetry looks into it. */
export interface Trace {
  /** Says that it is one; nobody reads it. */
  readonly isTrace?: never
}

/** OpenTelemetry's API, where the app has it. */
let api: typeof import('@opentelemetry/api') | undefined
let loading: Promise<void> | undefined

/** Looks for OpenTelemetry's API, once for the process. An app without it is not traced, and told nothing. */
export function loadTracing(): Promise<void> {
  loading ??= import('@opentelemetry/api').then(
    found => void (api = found),
    () => undefined,
  )
  return loading
}

/** Whether there is somebody to hand a trace to: who asks first pays nothing where there is not. */
export function isTracing(): boolean {
  return api !== undefined
}

/** `version-trace-span-flags`, and what later versions may add (W3C Trace Context, section 3.2). */
const form = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}(?:$|-)/

/**
 * The trace that a client has begun.
 *
 * @param traceparent what the client has sent under that name, whatever it is
 * @returns `undefined` for what is none, or where there is no OpenTelemetry
 */
export function traceFrom(traceparent: unknown, tracestate?: string): Trace | undefined {
  if (!api || typeof traceparent !== 'string' || !form.test(traceparent)) return undefined
  const {context, propagation, trace} = api
  const active = context.active()
  // The propagator is the app's, and none may be registered: then nothing is extracted.
  const extracted = propagation.extract(trace.deleteSpan(active), {
    traceparent,
    ...(tracestate !== undefined && {tracestate}),
  })
  return trace.getSpanContext(extracted) ? (extracted as Trace) : undefined
}

/** Runs something as a part of a trace, what it awaits included. */
export function inTrace<T>(trace: Trace | undefined, run: () => T): T {
  return api && trace ? api.context.with(trace as Context, run) : run()
}
