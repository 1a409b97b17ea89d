import { type Dialect, type Op, rows, run } from '../op.ts'
import type { UnpackedAcceptance, UnpackedNotification } from './pack-acceptances.ts'

/** How many notifications of each run were new. */
export type NewRows = ReadonlyMap<string, number>

/** A copy, with the run that the first started. */
type Copy = { readonly notificationId: string; readonly runId: string }

/** Of one envelope, what was known before. */
export type Copies = {
  readonly known: readonly Copy[]
  /** Those whose content is not that of the first. */
  readonly differing: readonly Copy[]
}

/**
 * The envelopes that are not kept: where a run's message would be for some that are known, and where a copy was known by
 * nothing but such an envelope of the same commit.
 */
export function refusedOf(
  acceptances: readonly UnpackedAcceptance[],
  copies: ReadonlyMap<UnpackedAcceptance, Copies>,
  newRows: NewRows,
): ReadonlySet<UnpackedAcceptance> {
  const refused = new Set(acceptances.filter((each) => isPartly(each, newRows)))
  for (let before = -1; before < refused.size; ) {
    before = refused.size
    const runIds = runIdsOf(refused)
    for (const [acceptance, { known }] of copies) {
      if (before > 0 && known.some(({ runId }) => runIds.has(runId))) refused.add(acceptance)
    }
  }
  return refused
}

/** The ids of the runs of these envelopes. */
export function runIdsOf(acceptances: Iterable<UnpackedAcceptance>): ReadonlySet<string> {
  return new Set([...acceptances].flatMap(({ runs }) => runs.map(({ runId }) => runId)))
}

/** Whether some of a run's notifications are new and some are not, so that its message is not right. */
function isPartly(acceptance: UnpackedAcceptance, newRows: NewRows): boolean {
  return acceptance.runs.some(({ runId }) => {
    const newCount = newRows.get(runId) ?? 0
    return newCount > 0 && newCount < idsOf(acceptance, runId).size
  })
}

/** Finds the copies in the envelopes that have some, and what was kept of the first. */
export function* findCopies(
  dialect: Dialect,
  acceptances: readonly UnpackedAcceptance[],
  newRows: NewRows,
): Op<ReadonlyMap<UnpackedAcceptance, Copies>> {
  const copies = new Map<UnpackedAcceptance, Copies>()
  for (const acceptance of acceptances) {
    const { notifications } = acceptance
    const isAllNew = notifications.length === countNew(acceptance, newRows)
    if (!isAllNew) copies.set(acceptance, yield* copiesIn(dialect, acceptance))
  }
  return copies
}

function* copiesIn(dialect: Dialect, acceptance: UnpackedAcceptance): Op<Copies> {
  const { jobConfigId, organizationId, notifications } = acceptance
  const found = yield* rows(
    `SELECT notification_id, run_id, content_mark FROM accepted
      WHERE organization_id = ? AND job_config_id = ? AND ${dialect.inList('notification_id')}`,
    organizationId,
    jobConfigId,
    notifications.map(({ notificationId }) => notificationId),
  )
  const kept = new Map(found.map((row) => [String(row.notification_id), row]))
  const firstOf = ({ notificationId }: UnpackedNotification): Copy => ({
    notificationId,
    runId: String(kept.get(notificationId)?.run_id),
  })
  return {
    known: notifications.filter((each) => firstOf(each).runId !== each.runId).map(firstOf),
    differing: notifications
      .filter((each) => kept.get(each.notificationId)?.content_mark !== each.contentMark)
      .map(firstOf),
  }
}

/** Counts copies with other content on the runs of the first ones. */
export function* tellDiffering(dialect: Dialect, copies: readonly Copies[]): Op<void> {
  const runIds = new Set(copies.flatMap(({ differing }) => differing.map(({ runId }) => runId)))
  if (runIds.size === 0) return
  yield* run(
    `UPDATE job_run SET differing_copies = differing_copies + 1 WHERE ${dialect.inList('run_id')}`,
    [...runIds].sort(),
  )
}

/** Takes back what was kept of envelopes that are not kept after all. */
export function* forgetPartly(
  dialect: Dialect,
  acceptances: Iterable<UnpackedAcceptance>,
  newRows: NewRows,
): Op<void> {
  for (const { jobConfigId, organizationId, notifications } of acceptances) {
    const written = notifications.filter(({ runId }) => newRows.has(runId))
    yield* run(
      `DELETE FROM accepted WHERE organization_id = ? AND job_config_id = ?
        AND ${dialect.inList('notification_id')} AND ${dialect.inList('run_id')}`,
      organizationId,
      jobConfigId,
      written.map(idOf),
      written.map(({ runId }) => runId),
    )
  }
}

/** How many of an envelope's notifications were new. */
export function countNew({ notifications }: UnpackedAcceptance, newRows: NewRows): number {
  const runIds = new Set(notifications.map(({ runId }) => runId))
  return [...runIds].reduce((sum, runId) => sum + (newRows.get(runId) ?? 0), 0)
}

function idsOf({ notifications }: UnpackedAcceptance, runId: string): ReadonlySet<string> {
  return new Set(notifications.filter((each) => each.runId === runId).map(idOf))
}

function idOf({ notificationId }: UnpackedNotification): string {
  return notificationId
}
