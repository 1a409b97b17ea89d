import { unreachable } from '../../base/unreachable.ts'
import type { OrgRecord } from '../../schema/record.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { DueFiring, SaveContext } from '../save/context/save-context.ts'
import { type Carried, carryOn } from '../save/record/carry-change.ts'
import { saveOwn } from '../save/record/save-own.ts'
import { withUpdates } from '../save/record/with-updates.ts'
import type { SaveError } from '../values/save-error.ts'
import type { EntryBook, Fired } from './entry-book.ts'
import type { EndedEntry, LeasedEntry } from './time-queue-store.ts'

/** An entry further on in its chain is given up: rules and flows whose dates are past queue each other for ever. */
export const CHAIN_MAX = 10

/** An entry to carry out, with its place among those of the call. */
export type PendingDue = { readonly index: number; readonly leased: LeasedEntry }

/** What becomes of an entry that is due. */
export type DueOutcome =
  | { readonly kind: 'executed' }
  | { readonly kind: 'removed'; readonly reason: string }
  | { readonly kind: 'given up'; readonly reason: string } // it goes round in circles
  | { readonly kind: 'overtaken' } // a save has moved or ended it: it is not due any more
  | { readonly kind: 'held'; readonly reason: string } // it cannot be told now what to do

export type DecidedDue =
  | {
      readonly kind: 'decided'
      readonly outcome: DueOutcome
      /** Records as they are saved, and what is owed: none unless it is executed. */
      readonly steps: readonly Carried[]
    }
  | { readonly kind: 'refused'; readonly errors: readonly SaveError[] }

/** In what a due entry is decided. */
type DueContext = {
  readonly entries: EntryBook
  readonly context: SaveContext
  /** A living record as this save has it so far. */
  readonly current: (id: RecordId) => OrgRecord | undefined
}

/**
 * Decides what a due entry comes to. Its record is looked at as it stands: the criteria once more, then the
 * actions. Field updates save the record, without validation rules and flows, as those of a rule do; the rules
 * are evaluated again only where an update asks for it.
 */
export function decideDue({ leased }: PendingDue, at: DueContext): DecidedDue {
  const { entry } = leased
  const { entries, context, current } = at
  if (!context.definitions.objectOf(entry.objectName)) {
    return decided({ kind: 'held', reason: `there is no object ${entry.objectName} any more` })
  }
  if (!entries.waits(entry)) return decided({ kind: 'overtaken' })
  const record = current(entry.recordId)
  if (!record) return decided({ kind: 'removed', reason: 'its record is not there any more' })
  if (entry.chainIndex >= CHAIN_MAX) return decided({ kind: 'given up', reason: GOES_ROUND })
  const due = context.fireDue(entry.source, record)
  switch (due.kind) {
    case 'held':
      return decided({ kind: 'held', reason: due.reason })
    case 'not met':
      return decided({ kind: 'removed', reason: due.reason })
    case 'failed':
      return { kind: 'refused', errors: due.errors }
    case 'fired':
    case 'ran':
      return carriedOut(record, due, at)
    default:
      return unreachable(due)
  }
}

const GOES_ROUND =
  `it was due as soon as it was queued, and so were the ${CHAIN_MAX} entries before it, each queued by carrying out ` +
  'the one before: rules or flows queue each other. Give one of them a date to come, or criteria that end it'

/**
 * What the steps of due entries tell the time queue that they fired: what a flow's path saves puts no path of
 * that flow in the queue again, and what is queued comes after the entries in hand in its chain.
 */
export function firedIn(
  { rules, flows }: Pick<Fired, 'rules' | 'flows'>,
  inHand: readonly PendingDue[],
): Fired {
  const sources = inHand.map(({ leased }) => leased.entry.source)
  const isInHand = (name: string) =>
    sources.some((source) => source.kind === 'flow' && source.flowName === name)
  return {
    rules,
    flows: flows.filter((name) => !isInHand(name)),
    chainIndex: Math.max(0, ...inHand.map(({ leased }) => leased.entry.chainIndex + 1)),
  }
}

/** What a flow sets on the record is saved as any change of it; what a rule sets is not looked at again. */
function carriedOut(
  record: OrgRecord,
  due: DueFiring & { readonly kind: 'fired' | 'ran' },
  { context, current }: Pick<DueContext, 'context' | 'current'>,
): DecidedDue {
  const { objectName, recordId } = record
  const standing = { objectName, recordId, before: record, after: record }
  const updated = withUpdates(standing, due.firing.updates, context)
  if (updated.kind === 'refused') return updated
  const isWhole = due.kind === 'ran' && updated.change !== standing
  const saved = isWhole ? saveOwn(updated.change, context) : { ...updated, firings: [] }
  if (saved.kind === 'refused') return saved
  const { change } = saved
  const carry = { write: 'update' as const, change, context, current }
  const carried = carryOn(carry, { change, firings: [due.firing, ...saved.firings] })
  if (carried.kind === 'refused') return carried
  return { kind: 'decided', outcome: { kind: 'executed' }, steps: carried.steps }
}

/** How an outcome ends its entry; null when it does not. */
export function endOf(outcome: DueOutcome): Pick<EndedEntry, 'state' | 'reason'> | null {
  switch (outcome.kind) {
    case 'executed':
      return { state: 'executed', reason: null }
    case 'removed':
      return { state: 'removed', reason: outcome.reason }
    case 'given up':
      return { state: 'failed', reason: outcome.reason }
    case 'overtaken':
    case 'held':
      return null
    default:
      return unreachable(outcome)
  }
}

function decided(outcome: DueOutcome): DecidedDue {
  return { kind: 'decided', outcome, steps: [] }
}
