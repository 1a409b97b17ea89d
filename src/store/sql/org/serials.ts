import { defineOp, type Op, oneRow } from '../op.ts'

/** Takes `count` serial numbers of a sequence, and answers the first. */
export function* takeSerials(sequence: string, count: number, startingAt: number): Op<number> {
  const row = yield* oneRow(
    `INSERT INTO serial (sequence, next) VALUES (?, CAST(? AS BIGINT))
     ON CONFLICT (sequence) DO UPDATE SET next = serial.next + CAST(? AS BIGINT)
     RETURNING next`,
    sequence,
    startingAt + count,
    count,
  )
  return Number(row?.['next']) - count
}

export const reserveSerials = defineOp(
  'org.reserveSerials',
  (_, ask: { sequence: string; count: number; startingAt: number }) =>
    takeSerials(ask.sequence, ask.count, ask.startingAt),
)
