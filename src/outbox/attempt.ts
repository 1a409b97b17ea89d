import type { Instant } from '../base/clock.ts'
import type { RecordId } from '../schema/record-id.ts'
import type { AttemptOutcome } from './settle.ts'

/** One attempt, without its texts: what lists show. */
export type AttemptOverview = {
  /** Ids made later sort later. */
  readonly attemptId: string
  readonly outboundMessageId: RecordId
  readonly laneId: string
  readonly startedAt: Instant
  readonly durationMs: number
  /** Until it went out on a connection: DNS, TCP, TLS, or a wait for one that was open. Null: it never did. */
  readonly sentMs: number | null
  /** Until the head of the answer was read; null without an answer. */
  readonly headersMs: number | null
  /** Without what may be a secret: userinfo and the values of the query. */
  readonly endpointUrl: string
  readonly notificationIds: readonly RecordId[]
  readonly isProbe: boolean
  readonly outcome: AttemptOutcome['kind']
  /** Null when it was acknowledged. */
  readonly reason: string | null
  /** Null without an HTTP answer. */
  readonly httpStatus: number | null
  /** What the answer had that Salesforce does not promise to accept. */
  readonly tolerances: readonly string[]
  /** Of the bodies as they went, whatever is kept of them. */
  readonly requestBytes: number
  readonly responseBytes: number
}

/** One attempt as the log keeps it: bounded, secrets masked. Headers are lines of `name: value`. */
export type AttemptRecord = AttemptOverview & {
  readonly requestHeaders: string
  readonly responseHeaders: string
  readonly request: string
  readonly response: string
}

/** Which attempts are meant: those that meet all that is said. */
export type AttemptFilter = {
  readonly recordId?: RecordId
  readonly outboundMessageId?: RecordId
  readonly laneIds?: readonly string[]
  readonly outcome?: AttemptOutcome['kind']
  readonly httpStatus?: number
  /** Started at `from` or later, and before `to`. */
  readonly from?: Instant
  readonly to?: Instant
  /** Those that come after this one in the list: the older ones. */
  readonly after?: string
  readonly limit: number
}

/** A part of a list, the newest first. */
export type AttemptPage = {
  readonly attempts: readonly AttemptOverview[]
  /**
   * What to ask for `after` this page; null: there is no more. A page that had to pass over very many may hold
   * fewer than asked for, or none, and yet not be the last.
   */
  readonly after: string | null
}
