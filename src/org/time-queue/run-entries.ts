import { unreachable } from '../../base/unreachable.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { Org } from '../open-org.ts'
import type { Prepared } from '../save/prepare-save.ts'
import type { SaveResult } from '../save/record-edit.ts'
import { rowLocked, saveInTries } from '../save/save-records.ts'
import type { SaveError } from '../values/save-error.ts'
import type { DueOutcome } from './decide-due.ts'
import type { LeasedEntry } from './time-queue-store.ts'

/** What became of an entry that was due. */
export type DueResult =
  | DueOutcome
  | { readonly kind: 'refused'; readonly errors: readonly SaveError[] }

/**
 * Carries out due entries in the name of one user, in one commit: their records, what they owe, and their end.
 * One that fails keeps no other from being carried out. The results stand in the order of the entries.
 */
export async function runEntries(
  org: Org,
  leased: readonly LeasedEntry[],
  userId: RecordId,
): Promise<readonly DueResult[]> {
  const work = { edits: [], due: leased }
  const tries: Prepared[] = []
  const tried = await saveInTries(org, work, { userId, allOrNone: false, tries })
  const results = leased.map((_, index): DueResult => {
    const errors = tried.refusals.get(index)
    // Without errors it was lost to somebody else: there is nothing to write down.
    if (errors) return errors.length > 0 ? { kind: 'refused', errors } : { kind: 'overtaken' }
    const outcome = tried.kind === 'committed' ? tried.decision.due.get(index) : undefined
    return outcome ?? { kind: 'refused', errors: [rowLocked()] }
  })
  org.onDecided({ tries, results: results.map((each, place) => told(each, leased[place])) })
  return results
}

/** As traces take it: what was held or lost to somebody else is nothing to tell. */
function told(result: DueResult, leased: LeasedEntry | undefined): SaveResult {
  switch (result.kind) {
    case 'executed':
    case 'removed':
    case 'given up':
      if (!leased) break
      return { kind: 'saved', recordId: leased.entry.recordId, isCreated: false }
    case 'refused':
      return result
    case 'held':
    case 'overtaken':
      break
    default:
      return unreachable(result)
  }
  return { kind: 'refused', errors: [] }
}
