import type { FieldList } from '../wire/field-list/field-list.ts'
import type { JobKind } from './kinds/job-kind.ts'
import type { RunPer } from './ordering/run-per.ts'
import type { RouteAuthentication } from './route-authentication.ts'
import type { RunLimits } from './run-limits.ts'

/** What becomes of messages that come while a job config is inactive. */
export type WhenInactive =
  | 'hold' // kept and acknowledged
  | 'reject' // refused with 503: the sender keeps them

/** What a job config's route does with a message of a known sender. */
export type RouteState = 'active' | WhenInactive

/** The state that its two settings come to. */
export function routeStateOf(config: Pick<JobConfig, 'isActive' | 'whenInactive'>): RouteState {
  return config.isActive ? 'active' : config.whenInactive
}

/**
 * Which runs of a job config wait for each other: those of one record, all (DataCloud's `blocking`), or
 * none.
 */
export type RunOrdering = 'none' | 'record' | 'config'

/** Which accepted notifications start which kind of job, in DataCloud's words where it has them. */
export type JobConfig = {
  readonly jobConfigId: string
  readonly name: string
  readonly description: string | null
  /** Runs of an inactive one wait until it is active. */
  readonly isActive: boolean
  readonly whenInactive: WhenInactive
  readonly job: JobKind
  readonly authentication: RouteAuthentication
  /** Name of the DJMessage. */
  readonly messageName: string
  /** Name under which what a run answers is kept; null: it is kept for runs that ask for it. */
  readonly outMessageName: string | null
  /** Attempts a run gets in all before it is given up. */
  readonly attemptsMax: number
  readonly limits: RunLimits
  readonly ordering: RunOrdering
  /** Whether each notification starts a run of its own, or all new ones of a message start one. */
  readonly runPer: RunPer
  /** What becomes of a change that is older than one accepted or run before it. */
  readonly staleChanges: 'flag' | 'skip'
  /** Users whose changes of records start no run: so that what a job writes back does not start it again. */
  readonly ownUserIds: readonly string[]
  /** Which fields its outbound messages send, where that was told: what is absent of them is null. */
  readonly fieldLists: readonly FieldList[]
  /** `project`, or `api`. */
  readonly source: string
}
