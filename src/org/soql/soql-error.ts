import { OrgRefusal } from '../refusal.ts'

/** Where in a query, from 1. */
export type QueryPlace = { readonly row: number; readonly column: number }

/** A query that cannot be run: MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE … with its place. */
export class SoqlError extends OrgRefusal {
  readonly row: number
  readonly column: number

  constructor(errorCode: string, message: string, place: QueryPlace) {
    super(errorCode, message)
    this.row = place.row
    this.column = place.column
  }
}

/** Characters of the query shown on either side of a mistake. */
const SHOWN_AROUND = 60

/** The error about `what`, a piece of the query, laid out as Salesforce does: the line, a caret, the place. */
export function soqlError(
  soql: string,
  errorCode: string,
  what: string | null,
  message: string,
): SoqlError {
  const offset = what === null ? soql.length : offsetOf(soql, what)
  const before = soql.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  const row = before.split('\n').length
  const column = offset - lineStart + 1
  const shownFrom = Math.max(lineStart, offset - SHOWN_AROUND)
  const line = soql.slice(shownFrom, offset + SHOWN_AROUND).split('\n')[0] ?? ''
  const caret = `${' '.repeat(offset - shownFrom)}^`
  return new SoqlError(
    errorCode,
    `\n${line}\n${caret}\nERROR at Row:${row}:Column:${column}\n${message}`,
    { row, column },
  )
}

export function malformed(soql: string, what: string | null, message: string): SoqlError {
  return soqlError(soql, 'MALFORMED_QUERY', what, message)
}

/** Something of SOQL that this org does not do. */
export function unsupported(soql: string, what: string, name: string): SoqlError {
  return malformed(soql, what, `${name} is not supported by this org`)
}

export function noSuchColumn(soql: string, name: string, entity: string): SoqlError {
  const message = `No such column '${name}' on entity '${entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`
  return soqlError(soql, 'INVALID_FIELD', name, message)
}

export function noSuchRelationship(soql: string, path: string, name: string): SoqlError {
  const message = `Didn't understand relationship '${name}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`
  return soqlError(soql, 'INVALID_FIELD', path, message)
}

export function noSuchType(soql: string, name: string): SoqlError {
  const message = `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`
  return soqlError(soql, 'INVALID_TYPE', name, message)
}

/** Where a piece stands as a word of its own, outside of quotes; the beginning when it is not found. */
function offsetOf(soql: string, what: string): number {
  const wanted = what.toLowerCase()
  const text = blankedQuotes(soql).toLowerCase()
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const isWhole = !isWordChar(text.charAt(at - 1)) && !isWordChar(text.charAt(at + wanted.length))
    if (isWhole || !isWordChar(wanted.charAt(0))) return at
  }
  return Math.max(0, soql.toLowerCase().indexOf(wanted))
}

function blankedQuotes(soql: string): string {
  return soql.replace(/'(?:[^'\\]|\\.)*'/gs, (quoted) => `'${' '.repeat(quoted.length - 2)}'`)
}

function isWordChar(char: string): boolean {
  return /^[\w.]$/.test(char)
}
