import type { Instant } from '../../../base/clock.ts'
import { type Dialect, defineOp, type Op, oneRow, rows, run } from '../op.ts'
import { BUCKET_DIGITS, type Bucket, type Overfull } from './log-size.ts'

/** A slice ends so many attempts, and as many as have so many notifications together. */
const ATTEMPTS_SLICE = 500
const NOTIFICATIONS_SLICE = 5000

/** After a bucket's name it sorts after its ids, in every collation: they are digits and small letters. */
const AFTER_ALL = 'zzzzzzzz'

/** Adds up the attempts of the bucket `from` and of later ones; all of them, `from` left empty, by an index alone. */
export const sumAttempts = defineOp(
  'outbox.sumAttempts',
  function* (_: Dialect, ask: { readonly from: string }): Op<readonly Bucket[]> {
    const found = yield* rows(
      `SELECT substr(attempt_id, 1, ${BUCKET_DIGITS}) AS bucket, count(*) AS attempts,
          CAST(sum(kept_bytes) AS BIGINT) AS bytes FROM attempt
        ${ask.from === '' ? '' : 'WHERE attempt_id >= ?'} GROUP BY 1 ORDER BY 1 DESC`,
      ...(ask.from === '' ? [] : [ask.from]),
    )
    return found.map((row) => ({
      bucket: row.bucket as string,
      attempts: row.attempts as number,
      bytes: row.bytes as number,
    }))
  },
)

/** Finds the id that the log begins with when of one bucket only so much is kept: what sorts before it is to end. */
export const cutWithin = defineOp(
  'outbox.cutWithin',
  function* (_: Dialect, ask: Overfull): Op<string> {
    const beyond = yield* oneRow(
      `SELECT max(t.attempt_id) AS attempt_id FROM (
        SELECT attempt_id, row_number() OVER (ORDER BY attempt_id DESC) AS attempts,
            sum(kept_bytes) OVER (ORDER BY attempt_id DESC) AS bytes
          FROM attempt WHERE attempt_id >= ? AND attempt_id < ?) t
      WHERE t.attempts > ? OR t.bytes > ?`,
      ask.bucket,
      `${ask.bucket}${AFTER_ALL}`,
      ask.attemptsLeft,
      ask.bytesLeft,
    )
    // The next id after it.
    return `${beyond?.attempt_id ?? ask.bucket}0`
  },
)

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
  function* (d: Dialect, ask: { readonly before: Instant }): Op<number> {
    const oldest = yield* rows(
      `SELECT notification_id FROM notification WHERE state = 'expired' AND expired_at < ?
        ORDER BY expired_at LIMIT ${DEAD_LETTERS_SLICE}`,
      ask.before,
    )
    if (oldest.length === 0) return 0
    // A person may have made some of them wait again meanwhile.
    return yield* run(
      `DELETE FROM notification WHERE ${d.inList('notification_id')} AND state = 'expired'`,
      oldest.map((row) => row.notification_id as string),
    )
  },
)
