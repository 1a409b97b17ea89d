import { type Dialect, defineOp, insert, type Op, rows, type SqlColumn } from '../op.ts'
import { type InsertedRun, insertRuns } from './ordering/insert-runs.ts'
import {
  type AcceptedCounts,
  HEAD_LENGTH,
  type PackedAcceptances,
  type UnpackedNotification,
  unpackAcceptances,
} from './pack-acceptances.ts'

const ACCEPTED_COLUMNS: readonly SqlColumn[] = [
  { name: 'job_config_id', type: 'text' },
  { name: 'organization_id', type: 'text' },
  { name: 'notification_id', type: 'text' },
  { name: 'run_id', type: 'text' },
  { name: 'accepted_at', type: 'bigint' },
]

/**
 * Keeps the new notifications of many envelopes and makes a run for each: the counts of each envelope, or null
 * where there is no such job config.
 */
export const acceptAll = defineOp(
  'jobs.acceptAll',
  function* (dialect: Dialect, packed: PackedAcceptances): Op<readonly (AcceptedCounts | null)[]> {
    const acceptances = unpackAcceptances(packed)
    const configIds = yield* existingConfigs(dialect, packed)
    const isWanted = ({ jobConfigId }: UnpackedNotification) => configIds.has(jobConfigId)
    const wanted = acceptances.flat().filter(isWanted)

    const written = new Set(yield* insertAccepted(wanted))
    const isNew = ({ runId }: UnpackedNotification) => written.has(runId)
    const runs = yield* insertRuns(dialect, wanted.filter(isNew).map(newRun))
    return acceptances.map((notifications) => {
      if (!notifications.every(isWanted)) return null
      const outcomes = notifications.flatMap(({ runId }) => runs.get(runId) ?? [])
      const skipped = outcomes.filter((each) => each.skipped !== null).length
      return {
        newRuns: outcomes.length - skipped,
        skipped,
        stale: outcomes.filter(({ staleBehind }) => staleBehind !== null).length,
      }
    })
  },
)

/** Those job configs that there are; they stay until the commit. */
function* existingConfigs(dialect: Dialect, { heads }: PackedAcceptances): Op<ReadonlySet<string>> {
  const ids = new Set(heads.filter((_, index) => index % HEAD_LENGTH === 0).map(String))
  const found = yield* rows(
    `SELECT job_config_id FROM job_config WHERE ${dialect.inList('job_config_id')}
      ORDER BY job_config_id ${dialect.forShare()}`,
    [...ids],
  )
  return new Set(found.map((row) => String(row.job_config_id)))
}

/** Answers the run ids of those that are new. */
function insertAccepted(wanted: readonly UnpackedNotification[]): Op<readonly string[]> {
  // In one order everywhere: two machines with the same copies wait for each other and never deadlock.
  const sorted = wanted.toSorted(
    (a, b) =>
      compare(a.notificationId, b.notificationId) ||
      compare(a.organizationId, b.organizationId) ||
      compare(a.jobConfigId, b.jobConfigId),
  )
  return insert({
    table: 'accepted',
    columns: ACCEPTED_COLUMNS,
    rows: sorted.map((each) => [
      each.jobConfigId,
      each.organizationId,
      each.notificationId,
      each.runId,
      each.receivedAt,
    ]),
    onConflict: 'ignore',
    returning: 'run_id',
  })
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function newRun(notification: UnpackedNotification): InsertedRun {
  const { receivedAt: queuedAt } = notification
  return { ...notification, queuedAt, submittedBy: 'obm', replayOf: null }
}
