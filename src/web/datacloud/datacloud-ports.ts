import type { FastifyRequest } from 'fastify'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { mayExecute } from '../../jobs/datacloud-users.ts'
import type { DataCloudUser, JobStore } from '../../jobs/job-store.ts'
import type { JobPolicy } from '../../jobs/kinds/job-policy.ts'
import { ApiError } from '../api-error.ts'

/** What DataCloud's API needs of the house. */
export type DataCloudPorts = {
  readonly store: JobStore
  readonly clock: Clock
  readonly log: Log
  /** The operator's list; a job config that is not within it is refused. */
  readonly jobPolicy: JobPolicy
  /** Called when a run was queued, freed or stopped. */
  readonly nudgeRunner: () => void
}

/** The ports, and who asks. */
export type SignedInPorts = DataCloudPorts & {
  readonly userOf: (request: FastifyRequest) => DataCloudUser
}

/** Refuses who may not execute the job config: asked on every way to start, stop or read a run. */
export function requireExecute(user: DataCloudUser, jobConfigId: string): void {
  if (mayExecute(user, jobConfigId)) return
  throw new ApiError(
    403,
    'EXECUTE_NOT_ALLOWED',
    `${user.username} may not execute job config ${jobConfigId}: ask an Admin for the right`,
  )
}

/** Refuses who may not change job configs. */
export function requireAdmin(user: DataCloudUser): void {
  if (user.role === 'Admin') return
  throw new ApiError(
    403,
    'ADMIN_REQUIRED',
    `${user.username} is no Admin: only one may change this`,
  )
}
