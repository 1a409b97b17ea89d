import type { AcceptAnswer } from '../../../inbox/inbox-store.ts'
import { type Dialect, defineOp, insert, type Op, rows, type SqlColumn } from '../op.ts'
import {
  type Copies,
  countNew,
  findCopies,
  forgetPartly,
  type NewRows,
  refusedOf,
  runIdsOf,
  tellDiffering,
} from './accepted-copies.ts'
import { type Inserted, insertRuns } from './ordering/insert-runs.ts'
import {
  type PackedAcceptances,
  type UnpackedAcceptance,
  unpackAcceptances,
} from './pack-acceptances.ts'

const ACCEPTED_COLUMNS: readonly SqlColumn[] = [
  { name: 'job_config_id', type: 'text' },
  { name: 'organization_id', type: 'text' },
  { name: 'notification_id', type: 'text' },
  { name: 'run_id', type: 'text' },
  { name: 'accepted_at', type: 'bigint' },
  { name: 'content_mark', type: 'text' },
]

/**
 * Keeps the new notifications of many envelopes and makes their runs. An envelope with a run for several
 * notifications of which some are known is kept whole or not at all.
 */
export const acceptAll = defineOp(
  'jobs.acceptAll',
  function* (dialect: Dialect, packed: PackedAcceptances): Op<readonly AcceptAnswer[]> {
    const acceptances = unpackAcceptances(packed)
    const configIds = yield* existingConfigs(dialect, acceptances)
    const wanted = acceptances.filter(({ jobConfigId }) => configIds.has(jobConfigId))

    const newRows = countRows(yield* insertAccepted(wanted))
    const copies = yield* findCopies(dialect, wanted, newRows)
    const refused = refusedOf(wanted, copies, newRows)
    yield* forgetPartly(dialect, refused, newRows)

    const kept = wanted.filter((each) => !refused.has(each))
    const inserted = yield* insertRuns(
      dialect,
      kept.flatMap((each) => newRuns(each, newRows)),
    )
    yield* tellDiffering(dialect, [...copies.values()])
    const refusedRunIds = runIdsOf(refused)
    return acceptances.map((each): AcceptAnswer => {
      if (!configIds.has(each.jobConfigId)) return { kind: 'no job config' }
      const { known, differing } = copies.get(each) ?? NONE
      const differingIds = differing.map(({ notificationId }) => notificationId)
      if (!refused.has(each))
        return acceptedOf(each, { newRows, inserted, differing: differingIds })
      const stillKnown = known.filter(({ runId }) => !refusedRunIds.has(runId))
      const knownIds = stillKnown.map(({ notificationId }) => notificationId)
      return { kind: 'partly known', known: knownIds, differing: differingIds }
    })
  },
)

const NONE: Copies = { known: [], differing: [] }

function acceptedOf(
  acceptance: UnpackedAcceptance,
  found: {
    readonly newRows: NewRows
    readonly inserted: ReadonlyMap<string, Inserted>
    readonly differing: readonly string[]
  },
): AcceptAnswer {
  const outcomes = acceptance.runs.flatMap(({ runId }) => found.inserted.get(runId) ?? [])
  const skipped = outcomes.filter((each) => each.skipped !== null).length
  return {
    kind: 'accepted',
    newRuns: outcomes.length - skipped,
    newNotifications: countNew(acceptance, found.newRows),
    skipped,
    stale: outcomes.filter(({ staleBehind }) => staleBehind !== null).length,
    differing: found.differing,
  }
}

/** Those job configs that there are; they stay until the commit. */
function* existingConfigs(
  dialect: Dialect,
  acceptances: readonly UnpackedAcceptance[],
): Op<ReadonlySet<string>> {
  const ids = new Set(acceptances.map(({ jobConfigId }) => jobConfigId))
  const found = yield* rows(
    `SELECT job_config_id FROM job_config WHERE ${dialect.inList('job_config_id')}
      ORDER BY job_config_id ${dialect.forShare()}`,
    [...ids],
  )
  return new Set(found.map((row) => String(row.job_config_id)))
}

/** Answers the run id of each that is new. */
function insertAccepted(wanted: readonly UnpackedAcceptance[]): Op<readonly string[]> {
  const flat = wanted.flatMap(({ jobConfigId, organizationId, receivedAt, notifications }) =>
    notifications.map((each) => ({ jobConfigId, organizationId, receivedAt, ...each })),
  )
  // In one order everywhere: two machines with the same copies wait for each other and never deadlock.
  const sorted = flat.sort(
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
      each.contentMark,
    ]),
    onConflict: 'ignore',
    returning: 'run_id',
  })
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function countRows(runIds: readonly string[]): NewRows {
  const counts = new Map<string, number>()
  for (const runId of runIds) counts.set(runId, (counts.get(runId) ?? 0) + 1)
  return counts
}

function newRuns({ runs, ...acceptance }: UnpackedAcceptance, newRows: NewRows) {
  const { jobConfigId, receivedAt: queuedAt, skipsStale } = acceptance
  return runs
    .filter(({ runId }) => newRows.has(runId))
    .map((run) => ({
      ...run,
      jobConfigId,
      queuedAt,
      skipsStale,
      submittedBy: 'obm',
      replayOf: null,
    }))
}
