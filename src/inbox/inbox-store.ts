import type { Instant } from '../base/clock.ts'
import type { JobMessage } from '../jobs/job-run.ts'

/** One envelope's notifications for one job config, to be kept all together or not at all. */
export type Acceptance = {
  readonly jobConfigId: string
  readonly organizationId: string
  /** False: the job config is inactive; the runs wait. */
  readonly isActive: boolean
  readonly receivedAt: Instant
  readonly notifications: readonly {
    readonly notificationId: string
    /** The run it starts if it is new. */
    readonly runId: string
    readonly message: JobMessage
  }[]
}

export type AcceptAnswer = { readonly newRuns: number; readonly duplicates: number }

/** What the inbox asks of a store. */
export type InboxStore = {
  /**
   * Keeps what is new by (job config, organisation, notification id) and queues a run for each, passes
   * over what is known, and answers when that, or the commit that holds the first copy, is on disk.
   */
  accept(acceptance: Acceptance): Promise<AcceptAnswer>
  /** Forgets ids accepted before `before`, a slice at a time. */
  forget(before: Instant): Promise<number>
}
