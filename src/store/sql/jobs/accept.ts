import { type Dialect, defineOp, insert, type Op, rows, type SqlColumn } from '../op.ts'
import {
  type NewCount,
  type PackedAcceptances,
  type UnpackedNotification,
  unpackAcceptances,
} from './pack-acceptances.ts'
import { RUN_COLUMNS } from './runs.ts'

const ACCEPTED_COLUMNS: readonly SqlColumn[] = [
  { name: 'job_config_id', type: 'text' },
  { name: 'organization_id', type: 'text' },
  { name: 'notification_id', type: 'text' },
  { name: 'run_id', type: 'text' },
  { name: 'accepted_at', type: 'bigint' },
]

/**
 * Keeps the new notifications of many envelopes and queues a run for each: one count for each
 * envelope.
 */
export const acceptAll = defineOp(
  'jobs.acceptAll',
  function* (dialect: Dialect, packed: PackedAcceptances): Op<readonly NewCount[]> {
    const acceptances = unpackAcceptances(packed)
    const configIds = yield* existingConfigs(dialect, packed)
    const isWanted = ({ jobConfigId }: UnpackedNotification) => configIds.has(jobConfigId)
    const wanted = acceptances.flat().filter(isWanted)

    const written = new Set(yield* insertAccepted(wanted))
    yield* insert({
      table: 'job_run',
      columns: RUN_COLUMNS,
      rows: wanted.filter(({ runId }) => written.has(runId)).map(runRow),
      onConflict: 'fail',
      returning: 'run_id',
    })
    return acceptances.map((notifications) =>
      notifications.every(isWanted)
        ? notifications.filter(({ runId }) => written.has(runId)).length
        : null,
    )
  },
)

/** Those job configs that there are; they stay until the commit. */
function* existingConfigs(dialect: Dialect, { heads }: PackedAcceptances): Op<ReadonlySet<string>> {
  const ids = new Set(heads.filter((_, index) => index % 4 === 0).map(String))
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

function runRow({ runId, jobConfigId, message, receivedAt }: UnpackedNotification) {
  return [runId, jobConfigId, 'QUEUED', ...message, 'obm', null, receivedAt, receivedAt]
}
