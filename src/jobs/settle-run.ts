import { HOUR_MS, type Instant } from '../base/clock.ts'
import { unreachable } from '../base/unreachable.ts'
import type { JobOutput, OutMessage } from './job-run.ts'
import type { RunSettlement } from './job-store.ts'
import type { RunLimits } from './run-limits.ts'

/** An answer that asks for more is not believed: a typing error would put a run off for years. */
export const RUN_ASKED_MAX_MS = 24 * HOUR_MS

/** What one attempt at a run came to. Every attempt comes to exactly one of these. */
export type RunOutcome =
  /** Its program ended with 0, or its receiver answered 2xx, which is the return code then. */
  | {
      readonly kind: 'succeeded'
      readonly returnCode: number
      readonly log: string
      /** Absent or null: it answered nothing that could be kept. */
      readonly output?: JobOutput | null
    }
  /** Its program ended otherwise, or was ended at a limit (no return code); or its receiver answered something else. */
  | {
      readonly kind: 'failed'
      readonly returnCode: number | null
      readonly reason: string
      readonly log: string
      /** How long it asked to be left alone. */
      readonly retryAfterMs?: number
      /** It will not do later either: no further attempt is made. */
      readonly isFinal?: boolean
    }
  /** It could not be run, or not to its end, for a reason that is not its program's. */
  | { readonly kind: 'errored'; readonly reason: string; readonly log: string }
  /** We ended it: the runner stops, its lease was lost, or a person stopped it. */
  | { readonly kind: 'interrupted'; readonly log: string }

type BackOff = Pick<RunLimits, 'retryFirstMs' | 'retryMaxMs'>

/** What becomes of a run. Pure. `attemptCount` includes the attempt being settled. */
export function settleRun(
  {
    outMessageName = null,
    ...attempts
  }: {
    readonly attemptCount: number
    readonly attemptsMax: number
    readonly backOff: BackOff
    /** Null: nobody wants what it answers. */
    readonly outMessageName?: string | null
  },
  outcome: RunOutcome,
  now: Instant,
): RunSettlement {
  const { log } = outcome
  switch (outcome.kind) {
    case 'succeeded':
      return {
        kind: 'finished',
        returnCode: outcome.returnCode,
        log,
        outMessage: outMessageOf(outMessageName, outcome.output ?? null),
      }
    case 'interrupted':
      return { kind: 'released', log }
    case 'failed':
    case 'errored': {
      const returnCode = outcome.kind === 'failed' ? outcome.returnCode : null
      const { reason } = outcome
      const isFinal = outcome.kind === 'failed' && outcome.isFinal === true
      if (isFinal || attempts.attemptCount >= attempts.attemptsMax) {
        return outcome.kind === 'failed'
          ? { kind: 'failed', returnCode, reason, log }
          : { kind: 'errored', reason, log }
      }
      const delayMs = runRetryDelayMs(attempts.backOff, attempts.attemptCount)
      const askedMs = outcome.kind === 'failed' ? (outcome.retryAfterMs ?? 0) : 0
      const dueAt = now + Math.max(delayMs, Math.min(askedMs, RUN_ASKED_MAX_MS))
      return { kind: 'retry', dueAt, returnCode, reason, log }
    }
    default:
      return unreachable(outcome)
  }
}

/** A run's own back-off: the first wait, doubling to the longest. */
export function runRetryDelayMs(
  { retryFirstMs, retryMaxMs }: BackOff,
  attemptCount: number,
): number {
  return Math.min(retryFirstMs * 2 ** (attemptCount - 1), retryMaxMs)
}

function outMessageOf(name: string | null, output: JobOutput | null): OutMessage | null {
  return name === null || output === null ? null : { ...output, name }
}
