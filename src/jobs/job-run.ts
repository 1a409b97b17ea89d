import type { Instant } from '../base/clock.ts'

/** DataCloud's nine job states. */
export type JobStatus =
  | 'WAITING' // held: its job config is inactive
  | 'SEQUENCED' // ordered behind others of the same config
  | 'QUEUED' // due, or due later for its next attempt
  | 'CANCELLED' // stopped before a runner took it
  | 'INITIALIZING' // leased, not yet started
  | 'RUNNING'
  | 'FINISHED'
  | 'ERROR' // an attempt failed with an exception of ours; may have completed
  | 'FAILED' // failed, or was stopped by a user

/** What a job is given: DataCloud's DJMessage. */
export type JobMessage = {
  readonly name: string
  readonly body: string
  /** Facts of the envelope: organization id, action id, notification id … never the session id. */
  readonly properties: Readonly<Record<string, string>>
}

export type NewJobRun = {
  readonly runId: string
  readonly jobConfigId: string
  readonly message: JobMessage | null
  /** Who or what started it: `obm`, or a DataCloud user's name. */
  readonly submittedBy: string
  /** The run that a person replayed; null for a first one. */
  readonly replayOf: string | null
  readonly queuedAt: Instant
}

/** One durable execution of a job config; never just "job". */
export type JobRun = NewJobRun & {
  readonly status: JobStatus
  readonly dueAt: Instant
  readonly attemptCount: number
  readonly startedAt: Instant | null
  readonly finishedAt: Instant | null
  /** Exit code of the last attempt; null if it had none. */
  readonly returnCode: number | null
  /** What the last attempt wrote, bounded. */
  readonly log: string
  readonly failureReason: string | null
  readonly stoppedBy: string | null
}
