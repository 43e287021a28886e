import {bootError} from '../errors.js'

/** One segment of a path: literal text, or the name of a parameter. */
export type Segment = {readonly literal: string} | {readonly parameter: string}

export interface Pattern {
  /** Normal form: parameters as `{id}`, no trailing slash. */
  readonly path: string
  readonly segments: readonly Segment[]
  /** Parameter names, in order. */
  readonly params: readonly string[]
}

const parameter = /^(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|<([A-Za-z_][A-Za-z0-9_]*)>)$/
const bracket = /[{}<>]/
/** How other routers write a parameter; taken for literal text it would match nothing, without a word. */
const foreign = /^(?::(?<colon>[A-Za-z_]\w*)(?<rest>.*)|\[(?:\.{3})?(?<square>[A-Za-z_]\w*)\])$/
const wildcard = /^(?:\*{1,2}|\[\.{3}[A-Za-z_]\w*\])$/
const optional = /\{\w+\?\}|<\w+\?>|\/:\w+\?(?=\/|$)/

/**
 * Reads a declared path. `{id}` and `<id>` mean the same: one whole segment.
 *
 * @throws BootError `MALFORMED_PATH` or `DUPLICATE_PARAMETER`
 */
export function parsePattern(path: unknown, place: string): Pattern {
  if (typeof path !== 'string' || !path.startsWith('/'))
    throw malformed(place, path, 'A path is a string that begins with "/".')
  if (optional.test(path))
    throw malformed(
      place,
      path,
      'There are no optional parameters: declare two routes, one with it and one without.',
    )
  if (/[?#\\\s]/.test(path))
    throw malformed(place, path, 'Leave out "?", "#", "\\" and spaces; the query needs no declaration.')

  if (/^\/_candy(?:\/|$)/.test(path))
    throw malformed(place, path, "Paths below /_candy are Candy's own: choose another.")

  const texts = path.split('/').slice(1)
  if (texts.at(-1) === '') texts.pop()
  const segments = texts.map(text => parseSegment(text, path, place))
  const params = segments.flatMap(segment => ('parameter' in segment ? [segment.parameter] : []))
  const twice = params.find((name, index) => params.indexOf(name) !== index)
  if (twice !== undefined)
    throw bootError(
      'DUPLICATE_PARAMETER',
      place,
      `the path ${path} names {${twice}} twice`,
      'Give each parameter its own name.',
    )

  const normal = segments.map(segment =>
    'parameter' in segment ? `{${segment.parameter}}` : segment.literal,
  )
  return {path: `/${normal.join('/')}`, segments, params}
}

function parseSegment(text: string, path: string, place: string): Segment {
  if (text === '' || text === '.' || text === '..')
    throw malformed(place, path, 'Leave out empty, "." and ".." segments.')
  if (wildcard.test(text) || foreign.test(text))
    throw malformed(
      place,
      path,
      `${wildcard.test(text) ? 'There are no wildcards: a' : 'A'} parameter is one whole segment, {id} or <id>${writtenRight(path)}.`,
    )
  if (!bracket.test(text)) return {literal: text}
  const match = parameter.exec(text)
  if (!match)
    throw malformed(
      place,
      path,
      'A parameter is one whole segment: {id} or <id>, letters, digits and "_", no digit first.',
    )
  return {parameter: (match[1] ?? match[2])!}
}

/** The path in this syntax, if every part of it has a spelling here. */
function writtenRight(path: string): string {
  const texts = path.split('/').map(text => {
    const {colon, square, rest} = foreign.exec(text)?.groups ?? {}
    return (colon ?? square) && !rest ? `{${colon ?? square}}` : text
  })
  return texts.some(text => wildcard.test(text) || foreign.test(text)) ? '' : `: write '${texts.join('/')}'`
}

function malformed(place: string, path: unknown, remedy: string) {
  return bootError('MALFORMED_PATH', place, `the path ${JSON.stringify(path)} is malformed`, remedy)
}
