import { createRequire } from 'node:module'
import type { Query } from '@jetstreamapp/soql-parser-js'
import { malformed, type SoqlError } from './soql-error.ts'

/** Salesforce's limit. */
export const QUERY_LENGTH_MAX = 100_000
/** Parentheses inside each other; more is no query that anybody wrote. */
const DEPTH_MAX = 50

type Parser = typeof import('@jetstreamapp/soql-parser-js')

const load = createRequire(import.meta.url)

/** Reads a query's text. Throws a SoqlError with code MALFORMED_QUERY. */
export function parseSoql(soql: string): Query {
  if (soql.length > QUERY_LENGTH_MAX) {
    throw malformed(
      '',
      null,
      `SOQL statements cannot be longer than ${QUERY_LENGTH_MAX} characters.`,
    )
  }
  if (isTooDeep(soql)) {
    throw malformed(soql, null, `parentheses inside each other are limited to ${DEPTH_MAX}`)
  }
  // Loaded at the first query: it would be a fifth of the program's start.
  const { parseQuery } = load('@jetstreamapp/soql-parser-js') as Parser
  try {
    return parseQuery(soql)
  } catch (error) {
    throw syntaxError(soql, error)
  }
}

function isTooDeep(soql: string): boolean {
  let depth = 0
  let isQuoted = false
  for (let index = 0; index < soql.length; index += 1) {
    const char = soql[index]
    if (isQuoted && char === '\\') index += 1
    else if (char === "'") isQuoted = !isQuoted
    else if (!isQuoted && char === '(') depth += 1
    else if (!isQuoted && char === ')') depth -= 1
    if (depth > DEPTH_MAX) return true
  }
  return false
}

/** The parser tells what it found instead of what it wanted; only its lexer tells where. */
function syntaxError(soql: string, error: unknown): SoqlError {
  const first = /^\s*(\S{1,40})/.exec(soql)?.[1] ?? ''
  if (first !== '' && first.toLowerCase() !== 'select') {
    return malformed(soql, first, `unexpected token: '${first}'`)
  }
  const text = error instanceof Error ? error.message.slice(0, 10_000) : ''
  const lexed = /unexpected character: ->(.)<-/.exec(text)
  if (lexed)
    return malformed(soql, lexed[1] ?? null, `line contains an unexpected character: '${lexed[1]}'`)
  const found = /but found: (?:--> )?'([^']*)'|EOF but found: (.*)$/m.exec(text)
  const token = (found?.[1] ?? found?.[2] ?? '').trim()
  if (token === '') return malformed(soql, null, "unexpected token: '<EOF>'")
  return malformed(soql, token, `unexpected token: '${token}'`)
}
