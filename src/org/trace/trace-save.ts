import type { Instant } from '../../base/clock.ts'
import { cutText, shownValue } from '../../rules/trace/shown-value.ts'
import type { FieldValues } from '../../schema/field-value.ts'
import { fieldOf, type ObjectDefinition } from '../../schema/object-definition.ts'
import type { RecordChange } from '../../schema/record.ts'
import type { RecordId } from '../../schema/record-id.ts'
import { recordNameOf } from '../../schema/record-name.ts'
import { type Decision, decideSave, type WrittenRecord } from '../save/decide-save.ts'
import type { Prepared } from '../save/prepare-save.ts'
import type { PendingEdit } from '../save/record/apply-edit.ts'
import type { SaveResult } from '../save/record-edit.ts'
import type { FieldChange, SaveTrace, SaveWitness, TraceStep } from './save-trace.ts'

/** A save that is over, with all that it was decided by. */
export type DecidedSave = {
  /** What was read for each try; the results are those of the last. */
  readonly tries: readonly Prepared[]
  /** By the edit's place. */
  readonly results: readonly SaveResult[]
}

/** Makes the id of a trace, or of a save, at an instant. */
export type NewTraceId = (at: Instant) => string

/**
 * Decides a save once more with a witness, and answers a trace for each record it saved or refused. A
 * decision depends on nothing but what was read for it, so this one is the same.
 */
export function traceSave(save: DecidedSave, newId: NewTraceId): readonly SaveTrace[] {
  const saveId = newId(save.tries[0]?.context.now ?? 0)
  return save.tries.flatMap((prepared, place) => {
    const next = save.tries[place + 1]
    const goesOn = new Set(next?.pending.map(({ index }) => index))
    // What was tried again is told by the last try, what was refused before by its own.
    const edits = prepared.pending.filter(({ index }) => !goesOn.has(index))
    return edits.length === 0 ? [] : traceTry(prepared, { ...save, edits, newId, saveId })
  })
}

type Told = Pick<DecidedSave, 'results'> & {
  readonly edits: readonly PendingEdit[]
  readonly newId: NewTraceId
  readonly saveId: string
}

/** A record that the decision looked at: its change as it came to each step. */
type Seen = { change: RecordChange; readonly steps: TraceStep[] }

function traceTry(prepared: Prepared, told: Told): readonly SaveTrace[] {
  const seen = new Map<RecordId, Seen>()
  prepared.missed.newIds.restart()
  const witness: SaveWitness = (change, step) => {
    const known = seen.get(change.recordId) ?? { change, steps: [] }
    known.change = change
    known.steps.push(step)
    seen.set(change.recordId, known)
  }
  const context = prepared.context.witnessed(witness, () => seen.clear())
  const decision = decideSave(prepared.pending, prepared.found, context)
  const refused = told.edits.flatMap((edit) => refusedTrace(edit, { prepared, seen, told }))
  const saved = [...decision.written.values()].flatMap((each) => {
    if (!isSaved(each, decision, told)) return []
    const steps = seen.get(each.after.recordId)?.steps ?? []
    return [savedTrace(each, { prepared, steps, told })]
  })
  return [...saved, ...refused]
}

/** Whether an edit that is told of, and was not refused in the end, led to the record. */
function isSaved({ edits }: WrittenRecord, { refusals }: Decision, told: Told): boolean {
  return told.edits.some(({ index }) => {
    return edits.includes(index) && !refusals.has(index) && told.results[index]?.kind === 'saved'
  })
}

type Telling = { readonly prepared: Prepared; readonly told: Told }

function titleOf({ prepared, told }: Telling) {
  const { context } = prepared
  return {
    traceId: told.newId(context.now),
    saveId: told.saveId,
    savedAt: context.now,
    username: context.username,
    definitionsVersion: context.definitions.version,
    isShortened: false,
  }
}

function savedTrace(
  { write, before, after }: WrittenRecord,
  telling: Telling & { readonly steps: readonly TraceStep[] },
): SaveTrace {
  const { definitions } = telling.prepared.context
  const { objectName, recordId, version, fields } = after
  const object = definitions.objectOf(objectName)
  return {
    ...titleOf(telling),
    objectName,
    recordId,
    recordName: cutName(recordNameOf(object, after)),
    change: write === 'insert' ? 'created' : 'updated',
    outcome: 'saved',
    errors: [],
    version,
    fields: fieldChanges(object, before?.fields ?? {}, fields),
    steps: telling.steps,
  }
}

function refusedTrace(
  { index, edit, newId }: PendingEdit,
  { prepared, seen, told }: Telling & { readonly seen: ReadonlyMap<RecordId, Seen> },
): readonly SaveTrace[] {
  const result = told.results[index]
  const { found } = prepared
  const { object } = edit
  if (result?.kind !== 'refused' || edit.kind === 'delete') return []
  const known = edit.key ? found.holderOf(edit.key)?.recordId : undefined
  const recordId = edit.recordId ?? known ?? newId
  if (recordId === null) return []
  const { change, steps = [] } = seen.get(recordId) ?? {}
  const before = found.recordOf(recordId) ?? null
  const given = { ...before?.fields, ...Object.fromEntries(edit.values) }
  const after = change?.after ?? { objectName: object.name, recordId, version: 0, fields: given }
  return [
    {
      ...titleOf({ prepared, told }),
      objectName: object.name,
      recordId,
      recordName: cutName(recordNameOf(object, after)),
      change: before === null ? 'created' : 'updated',
      outcome: 'refused',
      errors: result.errors,
      version: null,
      fields: fieldChanges(object, before?.fields ?? {}, after.fields),
      steps,
    },
  ]
}

/** A trace tells of so many changed fields. */
const FIELDS_MAX = 100

/** What people did not write themselves tells nothing: the stamps of a save. */
const STAMPS: ReadonlySet<string> = new Set([
  'CreatedDate',
  'CreatedById',
  'LastModifiedDate',
  'LastModifiedById',
  'SystemModstamp',
])

function fieldChanges(
  object: ObjectDefinition | undefined,
  before: FieldValues,
  after: FieldValues,
): readonly FieldChange[] {
  return Object.entries(after)
    .filter(([name, value]) => !STAMPS.has(name) && value !== (before[name] ?? blankLike(value)))
    .slice(0, FIELDS_MAX)
    .map(([field, value]) => {
      const isSecret = object ? fieldOf(object, field)?.secret === true : true
      return {
        field,
        before: shownValue(before[field] ?? null, isSecret),
        after: shownValue(value, isSecret),
      }
    })
}

/** A checkbox that was not there before is as good as unchecked. */
function blankLike(value: FieldValues[string]): FieldValues[string] {
  return typeof value === 'boolean' ? false : null
}

function cutName(name: string | null): string | null {
  return name === null ? null : cutText(name)
}

/** Whether there is anything to tell of the save: of objects without rules no traces are kept. */
export function isTold({ tries }: DecidedSave): boolean {
  return tries.some(({ pending, context: { definitions } }) =>
    pending.some(({ edit: { kind, object } }) => {
      return kind !== 'delete' && definitions.hasRules(object.name)
    }),
  )
}
