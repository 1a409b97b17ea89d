import type { FieldValue, FieldValues } from '../../../schema/field-value.ts'
import { fieldOf, type ObjectDefinition } from '../../../schema/object-definition.ts'
import type { OrgRecord, RecordChange } from '../../../schema/record.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import { coerceValue } from '../../values/coerce-value.ts'
import type { SaveError } from '../../values/save-error.ts'
import type { Firing, SaveContext } from '../context/save-context.ts'
import { computedFields } from './computed-fields.ts'

/** One record's change after its rules: what a save of it comes to. */
export type Carried = {
  readonly change: RecordChange
  readonly firing: Pick<Firing, 'rules' | 'owed' | 'remarks'>
}

export type CarriedOrRefused =
  | { readonly kind: 'carried'; readonly steps: readonly Carried[] }
  | { readonly kind: 'refused'; readonly errors: readonly SaveError[] }

/** How far field updates go up from parent to parent. */
const PARENT_DEPTH_MAX = 5

/**
 * Fires the rules for a change and carries it on: its own field updates, then the parents that field
 * updates write, each saved in its own order. `current` answers a record as this save has it so far.
 */
export function carryChange(
  change: RecordChange,
  context: SaveContext,
  current: (id: RecordId) => OrgRecord | undefined,
  depth = 0,
): CarriedOrRefused {
  const firing = context.fire(change)
  const updated = withUpdates(change, firing.updates, context)
  if (updated.kind === 'refused') return updated
  const steps: Carried[] = [{ change: updated.change, firing }]
  if (depth === PARENT_DEPTH_MAX) return { kind: 'carried', steps }

  const inHand = new Map<RecordId, OrgRecord>([[change.recordId, updated.change.after]])
  const currentNow = (id: RecordId) => inHand.get(id) ?? current(id)
  for (const [recordId, fields] of firing.parents) {
    const parent = currentNow(recordId)
    if (!parent) continue // deleted meanwhile: nothing to update
    const { objectName } = parent
    const written = withUpdates(
      { objectName, recordId, before: parent, after: parent },
      fields,
      context,
    )
    if (written.kind === 'refused') return written
    const carried = carryChange(written.change, context, currentNow, depth + 1)
    if (carried.kind === 'refused') return carried
    for (const step of carried.steps) {
      inHand.set(step.change.recordId, step.change.after)
      steps.push(step)
    }
  }
  return { kind: 'carried', steps }
}

/** The change with the fields that field updates set: fitted to their types, derived fields made again. */
function withUpdates(
  change: RecordChange,
  updates: FieldValues,
  context: SaveContext,
): { kind: 'changed'; change: RecordChange } | { kind: 'refused'; errors: readonly SaveError[] } {
  const object = context.definitions.objectOf(change.objectName)
  if (!object || Object.keys(updates).length === 0) return { kind: 'changed', change }
  const fitted = fit(object, updates)
  if (fitted.kind === 'refused') return fitted
  const before = change.before?.fields ?? null
  const after = { ...change.after.fields, ...fitted.fields }
  const draft = {
    objectName: object.name,
    before: change.after.fields,
    after,
    edited: new Set(Object.keys(fitted.fields)),
    nowText: context.nowText,
  }
  const derived = Object.entries(computedFields(draft)).filter(([name]) => fieldOf(object, name))
  const touched = before === change.after.fields ? modifiedNow(object, context) : {}
  const fields = { ...after, ...Object.fromEntries(derived), ...touched }
  return { kind: 'changed', change: { ...change, after: { ...change.after, fields } } }
}

function fit(
  object: ObjectDefinition,
  updates: FieldValues,
): { kind: 'fitted'; fields: FieldValues } | { kind: 'refused'; errors: readonly SaveError[] } {
  const fields: Record<string, FieldValue> = {}
  const errors: SaveError[] = []
  for (const [name, value] of Object.entries(updates)) {
    const field = fieldOf(object, name)
    if (!field) continue
    const coerced = coerceValue(field, value)
    if (coerced.kind === 'refused') errors.push(coerced.error)
    else fields[field.name] = coerced.value
  }
  return errors.length > 0 ? { kind: 'refused', errors } : { kind: 'fitted', fields }
}

function modifiedNow(object: ObjectDefinition, { userId, nowText }: SaveContext): FieldValues {
  const fields = { LastModifiedById: userId, LastModifiedDate: nowText, SystemModstamp: nowText }
  return Object.fromEntries(Object.entries(fields).filter(([name]) => fieldOf(object, name)))
}
