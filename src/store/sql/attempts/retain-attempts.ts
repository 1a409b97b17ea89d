import type { Instant } from '../../../base/clock.ts'
import { timedIdsFrom } from '../../../base/timed-id.ts'
import { type Dialect, defineOp, type Op, oneRow, rows, run } from '../op.ts'

/** A slice ends so many attempts, and as many as have so many notifications together. */
const ATTEMPTS_SLICE = 500
const NOTIFICATIONS_SLICE = 5000

/** Characters of an id that attempts of about three quarters of a minute share. */
const BUCKET_DIGITS = 6
/** After a bucket's name it sorts after its ids, in every collation: they are digits and small letters. */
const AFTER_ALL = 'zzzzzzzz'

/** What the attempt log may hold: the newest attempts, within all three. */
export type AttemptBounds = {
  readonly attemptsBefore: Instant
  readonly attemptsMax: number
  readonly attemptsBytesMax: number
}

/**
 * Finds the id that the log begins with when all bounds are kept: what sorts before it is to end. Adds up an
 * index that has no texts; only where a bound is passed it looks at single attempts.
 */
export const attemptsCut = defineOp(
  'outbox.attemptsCut',
  function* (_: Dialect, bounds: AttemptBounds): Op<string> {
    const buckets = yield* rows(
      `SELECT substr(attempt_id, 1, ${BUCKET_DIGITS}) AS bucket, count(*) AS attempts,
          CAST(sum(kept_bytes) AS BIGINT) AS bytes FROM attempt GROUP BY 1 ORDER BY 1 DESC`,
    )
    const left = { attempts: bounds.attemptsMax, bytes: bounds.attemptsBytesMax }
    const tooOld = timedIdsFrom(bounds.attemptsBefore)
    for (const row of buckets) {
      const attempts = row.attempts as number
      const bytes = row.bytes as number
      if (attempts > left.attempts || bytes > left.bytes) {
        const beyond = yield* cutWithin(row.bucket as string, left)
        return beyond > tooOld ? beyond : tooOld
      }
      left.attempts -= attempts
      left.bytes -= bytes
    }
    return tooOld
  },
)

function* cutWithin(bucket: string, left: { attempts: number; bytes: number }): Op<string> {
  const beyond = yield* oneRow(
    `SELECT max(t.attempt_id) AS attempt_id FROM (
        SELECT attempt_id, row_number() OVER (ORDER BY attempt_id DESC) AS attempts,
            sum(kept_bytes) OVER (ORDER BY attempt_id DESC) AS bytes
          FROM attempt WHERE attempt_id >= ? AND attempt_id < ?) t
      WHERE t.attempts > ? OR t.bytes > ?`,
    bucket,
    `${bucket}${AFTER_ALL}`,
    left.attempts,
    left.bytes,
  )
  // The next id after it.
  return `${beyond?.attempt_id ?? bucket}0`
}

/** Ends a slice of the attempts before `cut`, the oldest. Answers how many. */
export const endAttempts = defineOp(
  'outbox.endAttempts',
  function* (d: Dialect, ask: { readonly cut: string }): Op<number> {
    const oldest = yield* rows(
      `SELECT attempt_id, notification_ids FROM attempt WHERE attempt_id < ?
        ORDER BY attempt_id LIMIT ${ATTEMPTS_SLICE}`,
      ask.cut,
    )
    const attemptIds: string[] = []
    const notificationIds: string[] = []
    for (const row of oldest) {
      if (notificationIds.length >= NOTIFICATIONS_SLICE) break
      attemptIds.push(row.attempt_id as string)
      notificationIds.push(...(JSON.parse(row.notification_ids as string) as string[]))
    }
    if (attemptIds.length === 0) return 0
    yield* run(
      `DELETE FROM attempt_notification
        WHERE ${d.inList('notification_id')} AND ${d.inList('attempt_id')}`,
      notificationIds,
      attemptIds,
    )
    return yield* run(`DELETE FROM attempt WHERE ${d.inList('attempt_id')}`, attemptIds)
  },
)

const DEAD_LETTERS_SLICE = 5000

/** Ends a slice of the dead letters that were given up before. Answers how many. */
export const endDeadLetters = defineOp(
  'outbox.endDeadLetters',
  function* (_: Dialect, ask: { readonly before: Instant }): Op<number> {
    return yield* run(
      `DELETE FROM notification WHERE notification_id IN (
        SELECT notification_id FROM notification WHERE state = 'expired' AND expired_at < ?
          LIMIT ${DEAD_LETTERS_SLICE})`,
      ask.before,
    )
  },
)
