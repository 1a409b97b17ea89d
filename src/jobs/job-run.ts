import type { Instant } from '../base/clock.ts'
import type { RunPlace } from './ordering/run-place.ts'

/** DataCloud's nine job states, in its order. */
export const JOB_STATUSES = [
  'WAITING', // held: queued, but its job config is inactive
  'SEQUENCED', // behind another run of its line
  'QUEUED', // due, or due later for its next attempt
  'CANCELLED', // stopped before a runner took it
  'INITIALIZING', // leased, not yet started
  'RUNNING',
  'FINISHED',
  'ERROR', // given up after an attempt that ended in an exception; it may have done its work
  'FAILED', // given up after a failed attempt, or stopped by a user while it ran
] as const

export type JobStatus = (typeof JOB_STATUSES)[number]

/** The states in which a run still has something before it. */
export const UNFINISHED_STATUSES: readonly JobStatus[] = [
  'WAITING',
  'SEQUENCED',
  'QUEUED',
  'INITIALIZING',
  'RUNNING',
]

/** What a job is given: DataCloud's DJMessage. */
export type JobMessage = {
  readonly name: string
  readonly body: string
  /** Facts of the envelope: OrganizationId, ActionId, NotificationId … never the session id. */
  readonly properties: Readonly<Record<string, string>>
}

/** What a run's program answered: its standard output, or the body of an HTTP answer. */
export type JobOutput = { readonly contentType: string; readonly body: string }

/** An answer under its name: DataCloud's out message. */
export type OutMessage = JobOutput & { readonly name: string }

/** DataCloud's limit for a message, in characters here. An answer that is longer is not kept. */
export const MESSAGE_LENGTH_MAX = 750 * 1024

export type NewJobRun = {
  readonly runId: string
  readonly jobConfigId: string
  readonly message: JobMessage | null
  /** Who or what started it: `obm`, or a DataCloud user's name. */
  readonly submittedBy: string
  /** The run that a person replayed; null for a first one. */
  readonly replayOf: string | null
  /** Under which name to keep what it answers; absent or null: as the job config says. */
  readonly outMessageName?: string | null
  readonly queuedAt: Instant
  readonly place: RunPlace
}

/** `own change`: one of its config's own users changed the record. `stale`: a newer change came before it. */
export type RunSkip = 'own change' | 'stale'

/** What lists show of a run: all but its message and its log, which may be large. */
export type JobRunOverview = Omit<NewJobRun, 'message' | 'place' | 'outMessageName'> & {
  /** The organisation and the record it concerns, `00D…/001…`; null: none is known. */
  readonly recordKey: string | null
  /** Stamp of the newer change of its record that was accepted or run before it; null: it is not stale. */
  readonly staleBehind: Instant | null
  /** Why it was kept without being run; null: it was not skipped. */
  readonly skipped: RunSkip | null
  /** Messages that brought one of its notifications again with other content; the first is kept. */
  readonly differingCopies: number
  readonly status: JobStatus
  readonly dueAt: Instant
  readonly attemptCount: number
  /** Of the last attempt; null before the first. */
  readonly startedAt: Instant | null
  readonly finishedAt: Instant | null
  /** Exit code of the last attempt; null if it had none. */
  readonly returnCode: number | null
  readonly failureReason: string | null
  readonly stoppedBy: string | null
}

/** One durable execution of a job config; never just "job". */
export type JobRun = JobRunOverview & {
  readonly message: JobMessage | null
  /** What the last attempt wrote, bounded. */
  readonly log: string
  /** Null or absent: as the job config says. */
  readonly outMessageName?: string | null
  /** What it answered when it FINISHED; null before, if nobody wants it, or if it was too long. */
  readonly outMessage: OutMessage | null
}
