import type { Instant } from '../../base/clock.ts'
import type { OrgRecord, RecordChange } from '../../schema/record.ts'
import type { RecordId } from '../../schema/record-id.ts'
import { decideSave, type WrittenRecord } from '../save/decide-save.ts'
import type { Prepared } from '../save/prepare-save.ts'
import type { PendingEdit } from '../save/record/apply-edit.ts'
import type { SaveResult } from '../save/record-edit.ts'
import type { SaveTrace, SaveWitness, TraceStep } from './save-trace.ts'
import { writeDown } from './write-down.ts'

/** A save that is over, with all that it was decided by. */
export type DecidedSave = {
  /** What was read for each try; the results are those of the last. */
  readonly tries: readonly Prepared[]
  /** By the place of the edit, or of the entry that was due. */
  readonly results: readonly SaveResult[]
}

/** Makes the id of a trace, or of a save, at an instant. */
export type NewTraceId = (at: Instant) => string

/** So many records are told of at a time: a save of many is decided anew for each part of them. */
const PART_MAX = 25

/**
 * Decides a save once more with a witness, and answers a trace for each record it saved or refused, a part
 * of them at a time. A decision depends on nothing but what was read for it, so this one is the same.
 */
export function* traceSave(
  save: DecidedSave,
  newId: NewTraceId,
): Generator<readonly SaveTrace[], void> {
  const { tries, results } = save
  const saveId = newId(tries[0]?.context.now ?? 0)
  for (const [place, prepared] of tries.entries()) {
    const next = tries[place + 1]
    const goesOn = new Set(
      [...(next?.pending ?? []), ...(next?.due ?? [])].map((each) => each.index),
    )
    // What was tried again is told by the last try, what was refused before by its own.
    const all = itemsOf(prepared).filter(({ index }) => !goesOn.has(index))
    const own = new Set(all.map(({ recordId }) => recordId))
    for (let start = 0; start < all.length; start += PART_MAX) {
      const part = all.slice(start, start + PART_MAX)
      const ids = new Set(part.map(({ recordId }) => recordId))
      const isLast = start + PART_MAX >= all.length
      // Records that the save carried along, as parents, come with the last part.
      const isAbout = (id: RecordId) => ids.has(id) || (isLast && !own.has(id))
      yield tracePart(prepared, { all, part, isAbout, results, newId, saveId })
    }
  }
}

/** An edit, or an entry of the time queue that was due, with the record it is about. */
type Item = {
  readonly index: number
  readonly recordId: RecordId | null
  readonly edit: PendingEdit['edit'] | null
}

function itemsOf({ pending, due, found }: Prepared): readonly Item[] {
  return [
    ...pending.map(({ index, edit, newId }) => {
      const known = edit.key ? found.holderOf(edit.key)?.recordId : undefined
      return { index, edit, recordId: edit.recordId ?? known ?? newId }
    }),
    ...due.map(({ index, leased }) => ({ index, edit: null, recordId: leased.entry.recordId })),
  ]
}

type Told = {
  readonly all: readonly Item[]
  readonly part: readonly Item[]
  readonly isAbout: (recordId: RecordId) => boolean
  readonly results: readonly SaveResult[]
  readonly newId: NewTraceId
  readonly saveId: string
}

/** A record that the decision looked at: its change as it came to the last step. */
type Seen = { change: RecordChange; readonly steps: TraceStep[] }

function tracePart(prepared: Prepared, told: Told): readonly SaveTrace[] {
  const { pending, due, found, context } = prepared
  const seen = new Map<RecordId, Seen>()
  prepared.missed.newIds.restart()
  const decision = decideSave(pending, found, context.witnessed(noting(seen, told.isAbout)), due)
  const isSaved = ({ index }: Item, edits: readonly number[]) =>
    edits.includes(index) && !decision.refusals.has(index) && told.results[index]?.kind === 'saved'
  const saved = [...decision.written.values()].filter(({ after, edits }) => {
    return told.isAbout(after.recordId) && told.all.some((item) => isSaved(item, edits))
  })
  return [
    ...saved.map((each) => savedTrace(each, seen.get(each.after.recordId), { prepared, told })),
    ...told.part.flatMap((item) => {
      const written = item.recordId !== null && decision.written.has(item.recordId)
      const its = item.recordId === null ? undefined : seen.get(item.recordId)
      return unwrittenTrace(item, its, { prepared, told, written })
    }),
  ]
}

function noting(seen: Map<RecordId, Seen>, isAbout: SaveWitness['isAbout']): SaveWitness {
  return {
    isAbout,
    begin: () => seen.clear(),
    saw: (change, step) => {
      const known = seen.get(change.recordId) ?? { change, steps: [] }
      known.change = change
      known.steps.push(step)
      seen.set(change.recordId, known)
    },
  }
}

type Telling = { readonly prepared: Prepared; readonly told: Told }

function titleOf({ prepared: { context }, told }: Telling) {
  return { context, traceId: told.newId(context.now), saveId: told.saveId }
}

function savedTrace(
  { before, after }: WrittenRecord,
  seen: Seen | undefined,
  telling: Telling,
): SaveTrace {
  const steps = seen?.steps ?? []
  return writeDown({ ...titleOf(telling), before, after, outcome: 'saved', errors: [], steps })
}

/** Of an edit that was refused, or of a due entry that had nothing to write. */
function unwrittenTrace(
  { index, recordId, edit }: Item,
  seen: Seen | undefined,
  telling: Telling & { readonly written: boolean },
): readonly SaveTrace[] {
  const { prepared, told, written } = telling
  const result = told.results[index]
  if (recordId === null || !result) return []
  const steps = seen?.steps ?? []
  const before = prepared.found.recordOf(recordId) ?? null
  const after = seen?.change.after ?? given(recordId, edit, before)
  if (!after) return []
  const about = { ...titleOf(telling), before, after, steps }
  if (result.kind === 'refused') {
    if (result.errors.length === 0) return []
    return [writeDown({ ...about, outcome: 'refused', errors: result.errors })]
  }
  if (written || edit !== null || steps.length === 0) return []
  return [writeDown({ ...about, outcome: 'saved', errors: [] })]
}

/** The record as a refused edit would have it, as far as can be told. */
function given(recordId: RecordId, edit: Item['edit'], before: OrgRecord | null): OrgRecord | null {
  if (edit === null) return before
  const isDeletion = edit.kind === 'delete'
  if (isDeletion && before === null) return null
  const edited = isDeletion ? { IsDeleted: true } : Object.fromEntries(edit.values)
  const fields = { ...before?.fields, ...edited }
  return { objectName: edit.object.name, recordId, version: before?.version ?? 0, fields }
}

/** Whether there is anything to tell of the save: of objects without rules no traces are kept. */
export function isTold({ tries }: DecidedSave): boolean {
  return tries.some(
    ({ pending, due, context: { definitions } }) =>
      due.length > 0 ||
      pending.some(({ edit: { kind, object } }) => {
        if (definitions.hasRules(object.name)) return true
        // What goes with a deleted record may have rules.
        const behind = kind === 'delete' ? definitions.referrersOf(object.name) : []
        return behind.some((each) => definitions.hasRules(each.object.name))
      }),
  )
}
