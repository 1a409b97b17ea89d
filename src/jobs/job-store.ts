import type { Instant } from '../base/clock.ts'
import type { JobConfig } from './job-config.ts'
import type { JobRun, JobStatus, NewJobRun } from './job-run.ts'

/** The right to work on one run until it lapses. */
export type RunLease = { readonly runId: string; readonly token: string }

export type LeasedRun = { readonly lease: RunLease; readonly run: JobRun }

/** What becomes of a run after an attempt. */
export type RunSettlement =
  | { readonly kind: 'finished'; readonly returnCode: number; readonly log: string }
  | {
      readonly kind: 'retry'
      readonly dueAt: Instant
      readonly returnCode: number | null
      readonly reason: string
      readonly log: string
    }
  | {
      readonly kind: 'failed'
      readonly returnCode: number | null
      readonly reason: string
      readonly log: string
    }

/** A user of DataCloud's API: not one of the org. */
export type DataCloudUser = {
  readonly userId: string
  readonly username: string
  readonly passwordHash: string
  readonly isActive: boolean
  readonly role: 'Admin' | 'General User'
  /** Job config ids this user may execute; `*` for all. */
  readonly executes: readonly string[]
}

/** What jobs and DataCloud's API ask of a store. */
export type JobStore = {
  readConfig(jobConfigId: string): Promise<JobConfig | null>
  listConfigs(): Promise<readonly JobConfig[]>
  writeConfig(config: JobConfig): Promise<void>
  deleteConfig(jobConfigId: string): Promise<boolean>
  /** Sets it; activating makes the runs that wait QUEUED and due at `now`. False: there is none. */
  activateConfig(jobConfigId: string, isActive: boolean, now: Instant): Promise<boolean>

  createRuns(runs: readonly NewJobRun[]): Promise<void>
  /** Takes up to `limit` due runs of active configs. Lapsed leases are due again. */
  leaseRuns(ask: {
    readonly owner: string
    readonly limit: number
    readonly now: Instant
    readonly leaseMs: number
  }): Promise<readonly LeasedRun[]>
  renewRuns(leases: readonly RunLease[], leaseMs: number): Promise<readonly RunLease[]>
  startRun(lease: RunLease, now: Instant): Promise<'started' | 'lease lost'>
  settleRun(
    lease: RunLease,
    settlement: RunSettlement,
    now: Instant,
  ): Promise<'settled' | 'lease lost'>
  readRun(runId: string): Promise<JobRun | null>
  listRuns(filter: {
    readonly jobConfigId?: string
    readonly statuses?: readonly JobStatus[]
    readonly limit: number
    readonly offset: number
  }): Promise<readonly JobRun[]>
  /** CANCELLED when it was not taken yet, FAILED (stoppedBy) when it runs: the runner ends it at its next renewal. */
  stopRun(runId: string, stoppedBy: string, now: Instant): Promise<JobStatus | null>

  readUser(username: string): Promise<DataCloudUser | null>
  writeUser(user: DataCloudUser): Promise<void>
  readToken(tokenHash: string): Promise<{ username: string; expiresAt: Instant } | null>
  writeToken(token: { tokenHash: string; username: string; expiresAt: Instant }): Promise<void>

  /** Ends finished runs and expired tokens older than the given instant, a slice at a time. */
  retainRuns(finishedBefore: Instant, now: Instant): Promise<number>
}
