import type { NamedOp } from '../op.ts'
import { acceptAll } from './accept.ts'
import {
  activateConfig,
  countQueued,
  deleteConfig,
  listConfigs,
  readConfig,
  readVersion,
  replaceConfig,
  writeConfig,
} from './configs.ts'
import { leaseRuns, renewRuns, workAhead } from './lease/lease-runs.ts'
import { replayRuns } from './replay-runs.ts'
import { forgetAccepted, retainRuns } from './retain.ts'
import { countRuns, createRuns, listRuns, readRun, replayable, runsOf, totalRuns } from './runs.ts'
import { settleRun, startRun, stopRun } from './settle-runs.ts'
import {
  createUser,
  listUsers,
  readToken,
  readUser,
  readUserById,
  replaceUser,
  takeRefreshToken,
  writeTokens,
  writeUser,
} from './users.ts'

/** The ops of this folder, for the registry. */
export const JOBS_OPS: readonly NamedOp<never, unknown>[] = [
  acceptAll,
  activateConfig,
  countQueued,
  countRuns,
  createRuns,
  createUser,
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
  readUserById,
  readVersion,
  renewRuns,
  replayable,
  replayRuns,
  replaceConfig,
  replaceUser,
  retainRuns,
  runsOf,
  settleRun,
  startRun,
  stopRun,
  takeRefreshToken,
  totalRuns,
  workAhead,
  writeConfig,
  writeTokens,
  writeUser,
]
