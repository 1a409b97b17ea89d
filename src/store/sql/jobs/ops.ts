import type { NamedOp } from '../op.ts'
import { acceptAll } from './accept.ts'
import { activateConfig, deleteConfig, listConfigs, readConfig, writeConfig } from './configs.ts'
import { leaseRuns, renewRuns } from './lease-runs.ts'
import { forgetAccepted, retainRuns } from './retain.ts'
import { countRuns, createRuns, listRuns, readRun } from './runs.ts'
import { settleRun, startRun, stopRun } from './settle-runs.ts'
import { listUsers, readToken, readUser, writeToken, writeUser } from './users.ts'

/** The ops of this folder, for the registry. */
export const JOBS_OPS: readonly NamedOp<never, unknown>[] = [
  acceptAll,
  activateConfig,
  countRuns,
  createRuns,
  deleteConfig,
  forgetAccepted,
  leaseRuns,
  listConfigs,
  listRuns,
  listUsers,
  readConfig,
  readRun,
  readToken,
  readUser,
  renewRuns,
  retainRuns,
  settleRun,
  startRun,
  stopRun,
  writeConfig,
  writeToken,
  writeUser,
]
