import type { AcceptAnswer, Acceptance } from '../../../inbox/inbox-store.ts'
import {
  type Dialect,
  defineOp,
  insert,
  type Op,
  rows,
  type SqlColumn,
  type SqlValue,
} from '../op.ts'
import { insertRuns } from './runs.ts'

const ACCEPTED_COLUMNS: readonly SqlColumn[] = [
  { name: 'job_config_id', type: 'text' },
  { name: 'organization_id', type: 'text' },
  { name: 'notification_id', type: 'text' },
  { name: 'run_id', type: 'text' },
  { name: 'accepted_at', type: 'bigint' },
]

/** Keeps the new notifications of many envelopes and queues a run for each: one answer for each envelope. */
export const acceptAll = defineOp(
  'jobs.acceptAll',
  function* (dialect: Dialect, acceptances: readonly Acceptance[]): Op<readonly AcceptAnswer[]> {
    const configIds = yield* existingConfigs(dialect, acceptances)
    const wanted = acceptances.filter((each) => configIds.has(each.jobConfigId))

    const written = new Set(
      yield* insert({
        table: 'accepted',
        columns: ACCEPTED_COLUMNS,
        rows: wanted.flatMap(acceptedRows).sort(byKey),
        onConflict: 'ignore',
        returning: 'run_id',
      }),
    )
    yield* insertRuns(wanted.flatMap((each) => runsOf(each, written)))
    return acceptances.map((each) => answerFor(each, configIds, written))
  },
)

/** Those job configs that there are; they stay until the commit. */
function* existingConfigs(
  dialect: Dialect,
  acceptances: readonly Acceptance[],
): Op<ReadonlySet<string>> {
  const ids = [...new Set(acceptances.map((each) => each.jobConfigId))].sort()
  const found = yield* rows(
    `SELECT job_config_id FROM job_config WHERE ${dialect.inList('job_config_id')}
      ORDER BY job_config_id ${dialect.forShare()}`,
    ids,
  )
  return new Set(found.map((row) => String(row.job_config_id)))
}

function acceptedRows(acceptance: Acceptance): SqlValue[][] {
  const { jobConfigId, organizationId, receivedAt } = acceptance
  return acceptance.notifications.map(({ notificationId, runId }) => [
    jobConfigId,
    organizationId,
    notificationId,
    runId,
    receivedAt,
  ])
}

/** In one order everywhere, so that two machines with the same copies wait for each other and never deadlock. */
function byKey(a: readonly SqlValue[], b: readonly SqlValue[]): number {
  for (const column of [0, 1, 2]) {
    const [left, right] = [String(a[column]), String(b[column])]
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

function runsOf(acceptance: Acceptance, written: ReadonlySet<string>) {
  return acceptance.notifications
    .filter(({ runId }) => written.has(runId))
    .map(({ runId, message }) => ({
      runId,
      jobConfigId: acceptance.jobConfigId,
      message,
      submittedBy: 'obm',
      replayOf: null,
      queuedAt: acceptance.receivedAt,
    }))
}

function answerFor(
  { jobConfigId, notifications }: Acceptance,
  configIds: ReadonlySet<string>,
  written: ReadonlySet<string>,
): AcceptAnswer {
  if (!configIds.has(jobConfigId)) return { kind: 'no job config' }
  const newRuns = notifications.filter(({ runId }) => written.has(runId)).length
  return { kind: 'accepted', newRuns, duplicates: notifications.length - newRuns }
}
