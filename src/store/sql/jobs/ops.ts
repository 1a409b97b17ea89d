import type { NamedOp } from '../op.ts'
import { acceptAll } from './accept.ts'
import {
  activateConfig,
  countQueued,
  deleteConfig,
  listConfigs,
  readConfig,
  writeConfig,
} from './configs.ts'
import { leaseRuns, renewRuns, workAhead } from './lease/lease-runs.ts'
import { replayRuns } from './replay-runs.ts'
import { forgetAccepted, retainRuns } from './retain.ts'
import { countRuns, createRuns, listRuns, readRun, replayable, runsOf } from './runs.ts'
import { settleRun, startRun, stopRun } from './settle-runs.ts'
import { endTokens, listUsers, readToken, readUser, writeToken, writeUser } from './users.ts'

/** The ops of this folder, for the registry. */
export const JOBS_OPS: readonly NamedOp<never, unknown>[] = [
  acceptAll,
  activateConfig,
  countQueued,
  countRuns,
  createRuns,
  deleteConfig,
  endTokens,
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
  replayable,
  replayRuns,
  retainRuns,
  runsOf,
  settleRun,
  startRun,
  stopRun,
  workAhead,
  writeConfig,
  writeToken,
  writeUser,
]
