import { TEXT_LENGTH_MAX } from '../arithmetic.ts'
import type { Expression, Run } from '../expression.ts'
import { booleanOf, textOf } from '../expression.ts'
import { compilePattern, type Pattern } from '../regex/pattern.ts'
import { refuse } from '../scope.ts'
import { toDouble } from '../values/number.ts'
import {
  argument,
  type Call,
  type FunctionTable,
  failure,
  numberArgument,
  takes,
  takesBetween,
  textArgument,
} from './call.ts'

const PATTERNS_KEPT_MAX = 200

/** The whole text must match; null counts as ''. A literal pattern is compiled with the formula, or breaks it. */
function compileRegex(call: Call): Expression {
  const text = textArgument(call, 0)
  const patternText = textArgument(call, 1)
  const fail = failure(call)
  const kept = new Map<string, Pattern>()
  const patternOf = (source: string): Pattern => {
    const known = kept.get(source)
    if (known !== undefined) return known
    const made = compilePattern(source)
    if (made.kind === 'invalid') return fail('FORMULA_INVALID_REGEX', made.message)
    if (kept.size >= PATTERNS_KEPT_MAX) kept.clear()
    kept.set(source, made.pattern)
    return made.pattern
  }
  const { literal } = argument(call, 1)
  if (typeof literal === 'string') {
    const made = compilePattern(literal)
    if (made.kind === 'invalid') {
      refuse(call.scope, call.at, 'FORMULA_INVALID_REGEX', `REGEX: ${made.message}`)
    }
    kept.set(literal, made.pattern)
  }
  return booleanOf((context) => {
    const pattern = patternOf(patternText(context) ?? '')
    const result = pattern.matches(text(context) ?? '')
    return result ?? fail('FORMULA_REGEX_TOO_BIG', 'pattern and text are too long together')
  })
}

function encoding(encode: (text: string) => string): (call: Call) => Expression {
  return (call) => {
    const text = textArgument(call, 0)
    const bound = boundedText(call)
    return textOf((context) => {
      const value = text(context)
      return value === null ? null : bound(encode(value))
    })
  }
}

const HTML: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
  ['\u2028', '<br>'],
  ['\u2029', '<p>'],
  ['\u00A9', '&copy;'],
])

/** What lies outside of the basic plane becomes a number, as old browsers want it. */
function htmlEncode(text: string): string {
  return text.replace(/[&<>"'\u2028\u2029\u00A9]|[\u{10000}-\u{10FFFF}]/gu, (char) => {
    return HTML.get(char) ?? `&#${char.codePointAt(0)};`
  })
}

const SCRIPT: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ["'", "\\'"],
  ['"', '\\"'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['<', '\\u003C'],
  ['>', '\\u003E'],
  ['\u2028', '\\n'],
  ['\u2029', '\\u2029'],
  ['\0', ''],
  ['!--', '\\!--'],
  ['/*', '\\/\\*'],
  ['*/', '\\*\\/'],
  ['*', '\\*'],
  ['&#39;', '\\&#39;'],
])

/** Comments of script and of HTML are taken apart, too. */
function scriptEncode(text: string): string {
  const hazards = /!--|\/\*|\*\/|&#39;|[\\'"\n\r<>\u2028\u2029\0*]/g
  return text.replace(hazards, (found) => SCRIPT.get(found) ?? found)
}

function urlEncode(text: string): string {
  const plain = encodeURIComponent(text.toWellFormed())
  const strict = plain.replace(
    /[!'()~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return strict.replaceAll('%20', '+')
}

function compileHyperlink(call: Call): Expression {
  const url = textArgument(call, 0)
  const label = textArgument(call, 1)
  const target: Run<string> = call.args.length > 2 ? textArgument(call, 2) : () => '_blank'
  const bound = boundedText(call)
  return textOf((context) => {
    const start = `<a href="${url(context) ?? ''}" target="${target(context) ?? ''}">`
    return bound(`${start}${label(context) ?? ''}</a>`)
  })
}

function compileImage(call: Call): Expression {
  const url = textArgument(call, 0)
  const alternative = textArgument(call, 1)
  const sizes = call.args.slice(2).map((_, index) => numberArgument(call, index + 2))
  const bound = boundedText(call)
  return textOf((context) => {
    const style = ['height', 'width']
      .map((name, index) => [name, sizes[index]?.(context) ?? null] as const)
      .flatMap(([name, size]) => (size === null ? [] : [`${name}:${toDouble(size)}px;`]))
      .join('')
    const shape = style === '' ? '' : ` style="${style}"`
    return bound(
      `<img src="${url(context) ?? ''}" alt="${alternative(context) ?? ''}" border="0"${shape}/>`,
    )
  })
}

/** Passes a text on, or throws FORMULA_TEXT_TOO_LONG. */
function boundedText(call: Call): (text: string) => string {
  const fail = failure(call)
  return (text) => {
    if (text.length <= TEXT_LENGTH_MAX) return text
    return fail('FORMULA_TEXT_TOO_LONG', `more than ${TEXT_LENGTH_MAX} characters`)
  }
}

/** Functions that write texts for other languages, and REGEX. */
export const ENCODING_FUNCTIONS: FunctionTable = {
  REGEX: takes(2, compileRegex),
  HTMLENCODE: takes(1, encoding(htmlEncode)),
  JSENCODE: takes(1, encoding(scriptEncode)),
  JSINHTMLENCODE: takes(
    1,
    encoding((text) => scriptEncode(htmlEncode(text))),
  ),
  URLENCODE: takes(1, encoding(urlEncode)),
  HYPERLINK: takesBetween(2, 3, compileHyperlink),
  IMAGE: takesBetween(2, 4, compileImage),
  // Salesforce's own proxy stands before the picture there; here the picture is asked for itself.
  IMAGEPROXYURL: takes(1, (call) => textOf(textArgument(call, 0))),
}
