import type { Instant } from '../base/clock.ts'

/** Why messages to a job config were refused: one for each error code, with the last such message. */
export type Refusal = {
  readonly jobConfigId: string
  readonly errorCode: string
  readonly firstAt: Instant
  readonly lastAt: Instant
  readonly count: number
  /** The last one's, as the next four. */
  readonly reason: string
  readonly remoteAddress: string | null
  readonly organizationId: string | null
  readonly actionId: string | null
  /** The beginning of the body, where it could not be read; session ids are masked. */
  readonly sample: string | null
}
