import { randomUUID } from 'node:crypto'
import { openGroup } from '../../../base/grouping/group.ts'
import type { AcceptAnswer, Acceptance, InboxStore } from '../../../inbox/inbox-store.ts'
import type { JobConfig } from '../../../jobs/job-config.ts'
import type { JobStore } from '../../../jobs/job-store.ts'
import type { UserStore } from '../../../jobs/users/user-store.ts'
import type { OpRunner } from '../op.ts'
import { forgetRefusals, listRefusals, writeRefusal } from '../refusals/refusals.ts'
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
import { packAcceptances } from './pack-acceptances.ts'
import { replayRuns } from './replay-runs.ts'
import { forgetAccepted, retainRuns } from './retain.ts'
import { openRouteMemory, type RouteMemory } from './route-memory.ts'
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

/** Notifications that share one commit. */
const GROUP_NOTIFICATIONS_MAX = 2_000

/** So many runs are counted beside what is written; more of them apart from it. */
const FEW = 10_000

/** Lists of very many runs may be slow; nothing else waits behind them. */
const LIST_DEADLINE_MS = 10_000

/** What the receiving wing asks of a store, over either database. */
export function openReceivingStore(runner: OpRunner): {
  readonly inbox: InboxStore
  readonly jobs: JobStore
} {
  const routes = openRouteMemory((jobConfigId) => runner.read(readConfig, jobConfigId))
  return { inbox: openInboxStore(runner, routes), jobs: openJobStore(runner, routes) }
}

function openInboxStore(runner: OpRunner, routes: RouteMemory): InboxStore {
  return {
    readRoute: routes.read,
    accept: openGroup<Acceptance, AcceptAnswer>({
      runAll: (acceptances) => runner.write(acceptAll, packAcceptances(acceptances)),
      sizeOf: ({ notifications }) => notifications.length,
      sizeMax: GROUP_NOTIFICATIONS_MAX,
    }),
    countQueued: async (jobConfigId, max) => {
      const few = await runner.read(countQueued, { jobConfigId, max: Math.min(max, FEW) })
      if (few < FEW) return few
      return runner.readWithin(countQueued, { jobConfigId, max }, LIST_DEADLINE_MS)
    },
    writeRefusal: (refusal) => runner.write(writeRefusal, refusal),
    forget: async (before) =>
      (await runner.write(forgetAccepted, before)) + (await runner.write(forgetRefusals, before)),
  }
}

/** Leases by turn: a look begins where the last one ended, and one that was cut short goes on, once round at most. */
function openLeasing(runner: OpRunner): JobStore['leaseRuns'] {
  let after = ''
  return async (ask) => {
    let rounds = 0
    for (;;) {
      const { held = {} } = ask
      const answer = await runner.write(leaseRuns, { ...ask, held, token: randomUUID(), after })
      after = answer.after
      if (answer.left === 'some, once round') rounds += 1
      if (answer.leased.length > 0 || answer.left === 'none' || rounds === 2) return answer.leased
    }
  }
}

function openJobStore(runner: OpRunner, routes: RouteMemory): JobStore {
  const changing = async <T>(jobConfigId: string, write: Promise<T>): Promise<T> => {
    const answer = await write
    routes.forget(jobConfigId)
    return answer
  }
  return {
    readConfig: (jobConfigId) => runner.read(readConfig, jobConfigId),
    listRefusals: (jobConfigId) => runner.read(listRefusals, jobConfigId),
    listConfigs: () => runner.read(listConfigs, null),
    writeConfig: (config: JobConfig) =>
      changing(config.jobConfigId, runner.write(writeConfig, config)),
    readVersion: (jobConfigId) => runner.read(readVersion, jobConfigId),
    replaceConfig: (config, version) =>
      changing(config.jobConfigId, runner.write(replaceConfig, { config, version })),
    deleteConfig: (jobConfigId, now) =>
      changing(jobConfigId, runner.write(deleteConfig, { jobConfigId, now })),
    activateConfig: (jobConfigId, isActive) =>
      changing(jobConfigId, runner.write(activateConfig, { jobConfigId, isActive })),

    createRuns: (runs) => runner.write(createRuns, runs),
    leaseRuns: openLeasing(runner),
    workAhead: () => runner.read(workAhead, null),
    renewRuns: (leases, leaseMs) => runner.write(renewRuns, { leases, leaseMs }),
    startRun: (lease, now) => runner.write(startRun, { lease, now }),
    settleRun: (lease, settlement, now) => runner.write(settleRun, { lease, settlement, now }),
    readRun: (runId) => runner.read(readRun, runId),
    listRuns: (filter) => runner.readWithin(listRuns, filter, LIST_DEADLINE_MS),
    countRuns: (filter) => runner.readWithin(countRuns, filter, LIST_DEADLINE_MS),
    replayable: (filter) => runner.readWithin(replayable, filter, LIST_DEADLINE_MS),
    replayRuns: (ask) => runner.write(replayRuns, ask),
    totalRuns: (filter) => runner.readWithin(totalRuns, filter, LIST_DEADLINE_MS),
    runsOf: (ask) => runner.read(runsOf, ask),
    stopRun: (runId, stoppedBy, now) => runner.write(stopRun, { runId, stoppedBy, now }),

    ...openUserStore(runner),
    retainRuns: (finishedBefore, real) => runner.write(retainRuns, { finishedBefore, real }),
  }
}

function openUserStore(runner: OpRunner): UserStore {
  return {
    readUser: (username) => runner.read(readUser, username),
    readUserById: (userId) => runner.read(readUserById, userId),
    listUsers: () => runner.read(listUsers, null),
    createUser: (user) => runner.write(createUser, user),
    writeUser: (user) => runner.write(writeUser, user),
    replaceUser: (before, after) => runner.write(replaceUser, { before, after }),
    readToken: (tokenHash) => runner.read(readToken, tokenHash),
    writeTokens: (tokens) => runner.write(writeTokens, tokens),
    takeRefreshToken: (tokenHash, real) => runner.write(takeRefreshToken, { tokenHash, real }),
  }
}
