import type { Instant } from '../base/clock.ts'
import type { JobConfig } from '../jobs/job-config.ts'
import type { JobMessage } from '../jobs/job-run.ts'
import type { RunPlace } from '../jobs/ordering/run-place.ts'
import type { Refusal } from '../jobs/refusal.ts'

/** One envelope's notifications for one job config, to be kept all together or not at all. */
export type Acceptance = {
  readonly jobConfigId: string
  readonly organizationId: string
  readonly receivedAt: Instant
  readonly notifications: readonly {
    readonly notificationId: string
    /** The run it starts if it is new: its own, or one for several. */
    readonly runId: string
    /** The same for the same content: what tells a copy that says something else. */
    readonly contentMark: string
  }[]
  /** One for each run id. */
  readonly runs: readonly {
    readonly runId: string
    readonly message: JobMessage
    readonly place: RunPlace
  }[]
  /** Stale changes are kept and not run. */
  readonly skipsStale: boolean
}

export type AcceptAnswer =
  | {
      readonly kind: 'accepted'
      readonly newRuns: number
      readonly newNotifications: number
      /** Runs that are kept and not run: own changes, and stale ones where those are skipped. */
      readonly skipped: number
      /** Runs of changes older than what was accepted before of their record, run or not. */
      readonly stale: number
      /** Ids of known notifications that came with other content than at first. */
      readonly differing: readonly string[]
    }
  /**
   * Nothing was kept: a run is for several notifications, some of which are known, and so its message has to be another.
   * Those are `known`.
   */
  | {
      readonly kind: 'partly known'
      readonly known: readonly string[]
      readonly differing: readonly string[]
    }
  /** It was deleted since the route was read. */
  | { readonly kind: 'no job config' }

/** What the inbox asks of a store. */
export type InboxStore = {
  /** The route's job config; what another process changed may be seen up to a second later. */
  readRoute(jobConfigId: string): Promise<JobConfig | null>
  /**
   * Keeps what is new by (job config, organisation, notification id) and makes its runs: QUEUED, WAITING
   * while the job config is inactive, SEQUENCED behind another of its line, or CANCELLED where it is skipped.
   * Passes over what is known, and answers when that, or the commit that holds the first copy, is on disk. A copy
   * with other content is counted on the run of the first.
   * Those that come while one is under way go together.
   */
  accept(acceptance: Acceptance): Promise<AcceptAnswer>
  /** Runs of the job config that wait to be run, counted up to `max`. */
  countQueued(jobConfigId: string, max: number): Promise<number>
  /** Adds to what is kept of this cause. */
  writeRefusal(refusal: Refusal): Promise<void>
  /**
   * Forgets ids accepted before `before`, and the stamps of records of which none came since, a slice at a
   * time; answers how many.
   */
  forget(before: Instant): Promise<number>
}
