import { ApiError } from '../api-error.ts'

/** An error of a room that is the caller's to mend, in the form the answers are written from. */
export type OrgRefusal = {
  readonly status: number
  readonly errorCode: string
  readonly message: string
  readonly fields: readonly string[] | null
  /** Where in a query, from 1; null when no place is known. */
  readonly row: number | null
  readonly column: number | null
}

/** REST's statuses, for the codes whose status is not 400. */
const STATUS_BY_CODE: ReadonlyMap<string, number> = new Map([
  ['INVALID_SESSION_ID', 401],
  ['INSUFFICIENT_ACCESS', 403],
  ['API_DISABLED_FOR_ORG', 403],
  ['REQUEST_LIMIT_EXCEEDED', 403],
  ['NOT_FOUND', 404],
  ['ENTITY_IS_DELETED', 404],
  ['SERVER_UNAVAILABLE', 503],
])

/** The HTTP status that goes with one of Salesforce's codes. */
export function statusOf(errorCode: string): number {
  return STATUS_BY_CODE.get(errorCode) ?? 400
}

/** What a thrown error says to the caller, or null when it is breakage: refusals carry an `errorCode`. */
export function orgRefusal(error: unknown): OrgRefusal | null {
  if (!(error instanceof Error) || !('errorCode' in error)) return null
  const { errorCode, message } = error
  // A store that cannot do its work is breakage: not the caller's to mend, nor to read about.
  if (typeof errorCode !== 'string' || errorCode.startsWith('STORE_')) return null
  return {
    status: error instanceof ApiError ? error.status : statusOf(errorCode),
    errorCode,
    message,
    fields: fieldsOf(error),
    row: numberOf(error, 'row') ?? numberOf(error, 'line'),
    column: numberOf(error, 'column'),
  }
}

function fieldsOf(error: object): readonly string[] | null {
  if (!('fields' in error) || !Array.isArray(error.fields)) return null
  return error.fields.map(String)
}

function numberOf(error: object, name: 'row' | 'line' | 'column'): number | null {
  const value: unknown = Reflect.get(error, name)
  return typeof value === 'number' ? value : null
}
