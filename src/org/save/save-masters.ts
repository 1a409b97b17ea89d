import type { RecordId } from '../../schema/record-id.ts'
import type { SaveError } from '../values/save-error.ts'
import { NOTHING_FIRED } from './context/fire-for-save.ts'
import type { RolledUpMaster } from './context/roll-up-for-save.ts'
import type { SaveContext } from './context/save-context.ts'
import type { WrittenRecord } from './decide-save.ts'
import { type Carried, carryChange, updatedParent } from './record/carry-change.ts'

/** Masters of masters, each after the one below it: more than the three levels that Salesforce has. */
const LEVELS_MAX = 10

/** A decision while its masters are saved. */
export type MastersAt = {
  readonly written: ReadonlyMap<RecordId, WrittenRecord>
  readonly context: SaveContext
  /** Takes steps into the decision. Answers why they are refused, or nothing. */
  readonly take: (steps: readonly Carried[], edits: readonly number[]) => readonly SaveError[]
}

/**
 * Rolls up what the edits wrote: each master once for all its details of the call, through a save of its
 * own, then the masters above. Answers the first refusal, with the edits it is on account of.
 */
export function saveMasters(
  at: MastersAt,
): { edits: readonly number[]; errors: readonly SaveError[] } | null {
  for (let level = 0; level < LEVELS_MAX; level += 1) {
    const masters = at.context.rollUp(at.written)
    const changed = [...masters].filter(([id, master]) => !isDone(id, master, at))
    if (changed.length === 0) return null
    for (const [masterId, master] of changed) {
      const edits = editsOf(master, at)
      const errors = saveMaster(masterId, master, { at, edits })
      // Its fields are none of the records that the client saves.
      if (errors.length > 0)
        return { edits, errors: errors.map((each) => ({ ...each, fields: [] })) }
    }
  }
  return null
}

/** A master without a new value must only be written at all. */
function isDone(masterId: RecordId, { fields }: RolledUpMaster, { written }: MastersAt): boolean {
  return Object.keys(fields).length === 0 && written.has(masterId)
}

function saveMaster(
  masterId: RecordId,
  { fields }: RolledUpMaster,
  { at, edits }: { at: MastersAt; edits: readonly number[] },
): readonly SaveError[] {
  const { context, written } = at
  const current = (id: RecordId) => {
    const record = written.get(id)?.after ?? context.related(id)
    return record?.fields['IsDeleted'] === true ? undefined : record
  }
  const updated = updatedParent(current(masterId), fields, context)
  if (updated === null) return []
  if (updated.kind === 'refused') return updated.errors
  const { write, change } = updated
  const carried =
    Object.keys(fields).length === 0
      ? {
          kind: 'carried' as const,
          steps: [{ write, change, firing: NOTHING_FIRED, isTouch: true }],
        }
      : carryChange({ write, change, context, current })
  return carried.kind === 'refused' ? carried.errors : at.take(carried.steps, edits)
}

function editsOf({ details }: RolledUpMaster, { written }: MastersAt): readonly number[] {
  return [...new Set(details.flatMap((id) => written.get(id)?.edits ?? []))]
}
