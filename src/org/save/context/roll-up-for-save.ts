import type { CompiledRollUp } from '../../../rules/roll-up/compile-roll-ups.ts'
import {
  type Contribution,
  type DetailChange,
  emptyRollUp,
  rollUpAll,
  rollUpChanges,
} from '../../../rules/roll-up/roll-up.ts'
import type { FieldValue } from '../../../schema/field-value.ts'
import type { OrgRecord } from '../../../schema/record.ts'
import { type RecordId, tryRecordId } from '../../../schema/record-id.ts'
import { type EvaluationBase, standingRecord } from '../../formulas/evaluation-base.ts'
import type { OrgDefinitions } from '../../org-definitions.ts'
import type { DetailsAsk } from '../found-for-save.ts'

/** A record that a save writes: as committed before (null when it is new), and as it is now. */
export type Detail = { readonly before: OrgRecord | null; readonly after: OrgRecord }

/** What the details of a save make of one master. */
export type RolledUpMaster = {
  /** Roll-ups that have another value than the master has now: maybe none, where rivals must be kept away. */
  readonly fields: Readonly<Record<string, FieldValue>>
  /** The details that led to it. */
  readonly details: readonly RecordId[]
}

type RollingUp = {
  readonly definitions: OrgDefinitions
  readonly base: EvaluationBase
  /** Null where it was not asked for yet: the decision is made again. */
  readonly detailsOf: (ask: DetailsAsk) => readonly OrgRecord[] | null
}

/**
 * Rolls the written records up to their masters. From the masters' committed values and all that changed,
 * so that it may be asked again while the save goes on. Pure but for what it notes as unread.
 */
export function rollUpForSave(
  written: ReadonlyMap<RecordId, Detail>,
  rolling: RollingUp,
): ReadonlyMap<RecordId, RolledUpMaster> {
  const masters = new Map<RecordId, { fields: Record<string, FieldValue>; details: RecordId[] }>()
  for (const { rollUp, masterId, changes } of changesOf(written, rolling)) {
    const committed = written.get(masterId)?.before ?? rolling.base.related(masterId)
    const master = written.get(masterId)?.after ?? committed
    if (!master || master.objectName !== rollUp.objectName || master.fields['IsDeleted'] === true)
      continue
    const isNew = written.get(masterId)?.before === null
    const value = newValueOf(
      rollUp,
      { masterId, changes, old: isNew ? emptyRollUp(rollUp) : kept(committed, rollUp) },
      { written, rolling },
    )
    const isChanged = value !== undefined && value !== kept(master, rollUp)
    // A least or greatest that stays goes by details which rivals may take away: they must meet here.
    const isGuarded = rollUp.operation === 'min' || rollUp.operation === 'max'
    if (!isChanged && !isGuarded) continue
    const known = masters.get(masterId) ?? { fields: {}, details: [] }
    masters.set(masterId, known)
    known.details.push(...changes.keys())
    if (isChanged) known.fields[rollUp.fieldName] = value
  }
  return masters
}

function kept(record: OrgRecord | undefined, { fieldName }: CompiledRollUp): string | null {
  const value = record?.fields[fieldName]
  return typeof value === 'string' ? value : null
}

type Changed = {
  readonly rollUp: CompiledRollUp
  readonly masterId: RecordId
  /** By the detail. */
  readonly changes: Map<RecordId, DetailChange>
}

/** By roll-up and master, what each written detail brings in anew and takes away. */
function changesOf(written: ReadonlyMap<RecordId, Detail>, rolling: RollingUp): Iterable<Changed> {
  const changed = new Map<string, Changed>()
  const note = (rollUp: CompiledRollUp, masterId: RecordId, recordId: RecordId) => {
    const key = `${rollUp.objectName}.${rollUp.fieldName} ${masterId}`
    const known = changed.get(key) ?? { rollUp, masterId, changes: new Map() }
    changed.set(key, known)
    return (side: Partial<DetailChange>) => {
      const before = known.changes.get(recordId) ?? { before: undefined, after: undefined }
      known.changes.set(recordId, { ...before, ...side })
    }
  }
  for (const [recordId, { before, after }] of written) {
    for (const rollUp of rolling.definitions.rollUps.ofDetail(after.objectName)) {
      const [was, is] = [sideOf(rollUp, before, rolling), sideOf(rollUp, after, rolling)]
      if (was?.masterId === is?.masterId && was?.contribution === is?.contribution) continue
      if (was) note(rollUp, was.masterId, recordId)({ before: was.contribution })
      if (is) note(rollUp, is.masterId, recordId)({ after: is.contribution })
    }
  }
  return changed.values()
}

/** Whose a detail is and what it brings in; null when it is nobody's, deleted or does not count. */
function sideOf(rollUp: CompiledRollUp, detail: OrgRecord | null, rolling: RollingUp) {
  if (detail === null || detail.fields['IsDeleted'] === true) return null
  const id = detail.fields[rollUp.foreignKey]
  const masterId = typeof id === 'string' ? tryRecordId(id) : null
  if (masterId === null) return null
  const contribution = rollUp.contribution(standingRecord(rolling.base, detail))
  return contribution === undefined ? null : { masterId, contribution }
}

/** The roll-up's new value; undefined while details are unread. */
function newValueOf(
  rollUp: CompiledRollUp,
  { masterId, changes, old }: Pick<Changed, 'masterId' | 'changes'> & { old: string | null },
  { written, rolling }: { written: ReadonlyMap<RecordId, Detail>; rolling: RollingUp },
): string | null | undefined {
  const rolled = rollUpChanges(rollUp, old, [...changes.values()])
  if (rolled.kind === 'value') return rolled.value
  const { childObject, foreignKey, reads } = rollUp
  const details = rolling.detailsOf({
    objectName: childObject,
    foreignKey,
    masterId,
    fields: [...new Set([foreignKey, ...reads])],
  })
  if (details === null) return undefined
  const others = details.filter(({ recordId }) => !written.has(recordId))
  const inHand = [...written.values()].map(({ after }) => after)
  const all = [...others, ...inHand.filter(({ objectName }) => objectName === childObject)]
  return rollUpAll(
    rollUp,
    all.map((detail): Contribution => {
      const side = sideOf(rollUp, detail, rolling)
      return side?.masterId === masterId ? side.contribution : undefined
    }),
  )
}
