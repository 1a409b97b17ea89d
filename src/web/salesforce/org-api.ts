import type { Instant } from '../../base/clock.ts'
import type { RetrieveAsk } from '../../org/retrieve-records.ts'
import type { RecordEdit, SaveResult } from '../../org/save/record-edit.ts'
import type { QueriedRecord, QueryAnswer } from '../../org/soql/queried-record.ts'
import type { ObjectDefinition } from '../../schema/object-definition.ts'
import type { RecordId } from '../../schema/record-id.ts'

/** The user behind a session, as the identity answers show him. */
export type SessionUser = {
  readonly userId: RecordId
  readonly username: string
  readonly firstName: string | null
  readonly lastName: string
  readonly email: string | null
  readonly alias: string
  readonly profileId: RecordId | null
  readonly roleId: RecordId | null
  readonly timeZone: string
  readonly locale: string
  readonly language: string
  readonly lastModifiedAt: Instant
  /** Has the setup privilege, `CustomizeApplication`. */
  readonly mayCustomize: boolean
}

export type OrgFacts = {
  readonly organizationId: RecordId
  readonly name: string
  /** ISO code. */
  readonly currency: string
  /** As `en_US`. */
  readonly locale: string
}

/** A session that was opened; the token is told here and never again. */
export type OpenedSession = { readonly token: string; readonly userId: RecordId }

/**
 * What the web asks of the org. Refusals are Errors with Salesforce's `errorCode`; names go in any case.
 */
export type OrgApi = {
  facts(): Promise<OrgFacts>
  /** Opens a session, or refuses with INVALID_LOGIN or LOGIN_RATE_EXCEEDED. */
  login(username: string, password: string): Promise<OpenedSession>
  /** Null when the session is none, or over. */
  sessionUser(token: string): Promise<SessionUser | null>
  logout(token: string): Promise<void>

  /** One result for each edit, in order. */
  save(
    edits: readonly RecordEdit[],
    options: { readonly userId: RecordId; readonly allOrNone: boolean },
  ): Promise<readonly SaveResult[]>
  /** One answer for each id, in order; null for what is not there. */
  retrieve(ask: RetrieveAsk): Promise<readonly (QueriedRecord | null)[]>
  /** The record whose external id or other unique field is `value`; NOT_FOUND when the field is neither. */
  findByKey(ask: {
    readonly userId: RecordId
    readonly objectName: string
    readonly field: string
    readonly value: string
  }): Promise<RecordId | null>
  query(
    soql: string,
    options: { readonly userId: RecordId; readonly includeDeleted: boolean },
  ): Promise<QueryAnswer>

  /** Undefined when there is none of that name. */
  objectOf(name: string): Promise<ObjectDefinition | undefined>
  /** Salesforce's DescribeSObjectResult, without `urls`. Undefined when there is none of that name. */
  describeObject(
    name: string,
    userId: RecordId,
  ): Promise<Readonly<Record<string, unknown>> | undefined>
  /** The short descriptions of all objects, without `urls`. */
  describeGlobal(userId: RecordId): Promise<readonly Readonly<Record<string, unknown>>[]>
}
