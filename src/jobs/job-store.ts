import type { Instant } from '../base/clock.ts'
import type { WorkAhead } from '../base/work-ahead.ts'
import type { JobConfig } from './job-config.ts'
import type { JobRun, JobRunOverview, JobStatus, NewJobRun, OutMessage } from './job-run.ts'
import type { Refusal } from './refusal.ts'
import type { UserStore } from './users/user-store.ts'

/** The right to work on one run until it lapses. */
export type RunLease = { readonly runId: string; readonly token: string }

/** `run.attemptCount` counts the attempt that the lease is for. */
export type LeasedRun = { readonly lease: RunLease; readonly run: JobRun }

/** What becomes of a run after an attempt. */
export type RunSettlement =
  | {
      readonly kind: 'finished'
      readonly returnCode: number
      readonly log: string
      readonly outMessage?: OutMessage | null
    }
  | {
      readonly kind: 'retry'
      readonly dueAt: Instant
      readonly returnCode: number | null
      readonly reason: string
      readonly log: string
    }
  | {
      /** FAILED: its program said so, or ran too long. */
      readonly kind: 'failed'
      readonly returnCode: number | null
      readonly reason: string
      readonly log: string
    }
  | {
      /** ERROR: something of ours went wrong; it may have done its work. */
      readonly kind: 'errored'
      readonly reason: string
      readonly log: string
    }
  | {
      /** The runner stops: due again at once, and the attempt does not count. */
      readonly kind: 'released'
      readonly log: string
    }

/** `stopped`: a person had ended the run meanwhile; only its log and return code were kept. */
export type SettleAnswer = 'settled' | 'stopped' | 'lease lost'

export type RunFilter = {
  /** Runs of these job configs; absent: of all. */
  readonly jobConfigIds?: readonly string[]
  readonly statuses?: readonly JobStatus[]
  /** Queued at this instant or later. */
  readonly since?: Instant
  /** Queued before this instant. */
  readonly until?: Instant
  /** Of this record: its id, 18 characters. */
  readonly recordId?: string
  readonly submittedBy?: string
}

/** What a replay needs to know of a run. */
export type Replayable = Pick<JobRunOverview, 'runId' | 'jobConfigId' | 'recordKey'>

/** What became of one run that was to be replayed. */
export type ReplayAnswer =
  | { readonly kind: 'replayed'; readonly runId: string }
  | { readonly kind: 'replayed before' }
  /** The run or its job config. */
  | { readonly kind: 'gone' }

/** How many runs there are of each status that has some, and how long those that are over ran. */
export type RunTotals = {
  readonly counts: Readonly<Partial<Record<JobStatus, number>>>
  /** Of last attempts. */
  readonly durationMs: number
  readonly firstQueuedAt: Instant | null
}

/** A job config with a number that every change makes another. */
export type VersionedConfig = { readonly config: JobConfig; readonly version: number }

/** Whose runs are asked for. */
export type NotificationsAsk = {
  readonly organizationId: string
  readonly notificationIds: readonly string[]
  readonly limit: number
}

/** A run with the notification that started it, or started the run it replays. */
export type NotificationRun = JobRunOverview & { readonly notificationId: string }

/** What jobs and DataCloud's API ask of a store. */
export type JobStore = UserStore & {
  readConfig(jobConfigId: string): Promise<JobConfig | null>
  /** By name, then id. */
  listConfigs(): Promise<readonly JobConfig[]>
  /** Creates or replaces it. */
  writeConfig(config: JobConfig): Promise<void>
  readVersion(jobConfigId: string): Promise<VersionedConfig | null>
  /** False: it is at another version by now, or gone. */
  replaceConfig(config: JobConfig, version: number): Promise<boolean>
  /** Cancels what of it is not running yet. False: there is none. */
  deleteConfig(jobConfigId: string, now: Instant): Promise<boolean>
  /** Why messages to it were refused, the newest cause first. */
  listRefusals(jobConfigId: string): Promise<readonly Refusal[]>
  /**
   * Sets it. What is QUEUED reads as WAITING, and is not leased, while it is inactive. False: there
   * is none.
   */
  activateConfig(jobConfigId: string, isActive: boolean): Promise<boolean>

  /**
   * Answers the status each got: QUEUED, WAITING where the config is inactive, SEQUENCED behind another of its
   * line, null where there is no config.
   */
  createRuns(runs: readonly NewJobRun[]): Promise<readonly (JobStatus | null)[]>
  /**
   * Takes up to `limit` due runs of active configs, by turn, within each config's own limits over all runners.
   * The asking runner gets no more than `limitPerConfig` of one config, with those that it holds. A run that
   * became stale while it waited is flagged, or ended where its config skips those. Lapsed leases are due again,
   * by the store's own clock.
   */
  leaseRuns(ask: {
    readonly limit: number
    readonly limitPerConfig: number
    /** Runs of each job config that the runner has in hand; absent: none. */
    readonly held?: Readonly<Record<string, number>>
    readonly now: Instant
    readonly leaseMs: number
  }): Promise<readonly LeasedRun[]>
  /** Leased runs, and when the next of those that are not is due. Runs of inactive configs never are. */
  workAhead(): Promise<WorkAhead>
  /** Answers those still held. */
  renewRuns(leases: readonly RunLease[], leaseMs: number): Promise<readonly RunLease[]>
  startRun(lease: RunLease, now: Instant): Promise<'started' | 'lease lost'>
  settleRun(lease: RunLease, settlement: RunSettlement, now: Instant): Promise<SettleAnswer>
  readRun(runId: string): Promise<JobRun | null>
  /** Newest first, unless asked otherwise. */
  listRuns(
    filter: RunFilter & {
      readonly limit: number
      readonly offset: number
      readonly oldestFirst?: boolean
    },
  ): Promise<readonly JobRunOverview[]>
  countRuns(filter: RunFilter): Promise<number>
  totalRuns(filter: RunFilter): Promise<RunTotals>
  /**
   * The runs that an organisation's notifications started, and the replays of those, oldest first; none
   * of a notification whose id is forgotten.
   */
  runsOf(ask: NotificationsAsk): Promise<readonly NotificationRun[]>
  /** Oldest first, from the one behind `after` on. */
  replayable(
    filter: RunFilter & { readonly after: string | null; readonly limit: number },
  ): Promise<readonly Replayable[]>
  /**
   * Makes new runs of the messages of old ones, at the end of their lines. A stale one is flagged and run all the
   * same. `isOnce` passes over those that have a replay, also where two ask at once.
   */
  replayRuns(ask: {
    readonly replays: readonly {
      readonly runId: string
      readonly replayId: string
      readonly lineId: string | null
    }[]
    readonly submittedBy: string
    readonly now: Instant
    readonly isOnce: boolean
  }): Promise<readonly ReplayAnswer[]>
  /**
   * CANCELLED when it was not taken yet, FAILED (stoppedBy) when it runs: the runner ends it at its next
   * renewal. A run that is over keeps its status. Null: there is none.
   */
  stopRun(runId: string, stoppedBy: string, now: Instant): Promise<JobStatus | null>

  /**
   * Ends runs finished before the given instant and tokens that have lapsed, a slice at a time;
   * answers how many.
   */
  retainRuns(finishedBefore: Instant, real: Instant): Promise<number>
}
