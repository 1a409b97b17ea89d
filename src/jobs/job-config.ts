import type { FieldList } from '../wire/field-list/field-list.ts'
import type { RunLimits } from './run-limits.ts'

/** How a job is run. Further kinds get a member here and a file in `kinds/`. */
export type JobKind = {
  readonly kind: 'command'
  /** Program and arguments; never a shell line. The DJMessage's body comes on stdin. */
  readonly command: readonly string[]
  /** Folder it runs in; null is the project's. */
  readonly workingFolder: string | null
  readonly timeoutMs: number
}

/** How a job config's route knows who is sending. All that is set must hold. */
export type RouteAuthentication = {
  /**
   * SHA-256 (hex) of secrets, any one of which must end the path `…/sfdc/obm/{secret}`; empty: none
   * asked.
   */
  readonly pathSecretHashes: readonly string[]
  /**
   * Actian's recipe: log in with what the org's custom setting says, read with the message's
   * session id.
   */
  readonly classicSession: {
    /**
     * Hosts (`name` or `name:port`) that may be called back. `*.example.com` means any host below.
     */
    readonly allowedHosts: readonly string[]
    /** API name of the hierarchy custom setting. */
    readonly settingName: string
  } | null
  /** Organisation ids (18) that may send; empty: any. */
  readonly organizationIds: readonly string[]
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
  /** An inactive one accepts and keeps (hold); its runs wait until it is active. */
  readonly isActive: boolean
  readonly job: JobKind
  readonly authentication: RouteAuthentication
  /** Name of the DJMessage. */
  readonly messageName: string
  /** Attempts a run gets in all before it is given up. */
  readonly attemptsMax: number
  readonly limits: RunLimits
  readonly ordering: RunOrdering
  /** What becomes of a change that is older than one accepted or run before it. */
  readonly staleChanges: 'flag' | 'skip'
  /** Users whose changes of records start no run: so that what a job writes back does not start it again. */
  readonly ownUserIds: readonly string[]
  /** Which fields its outbound messages send, where that was told: what is absent of them is null. */
  readonly fieldLists: readonly FieldList[]
  /** `project`, or `api`. */
  readonly source: string
}
