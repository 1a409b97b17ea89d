import type { FiredTask } from '../../../rules/fire-rules.ts'
import type { FieldValue, FieldValues } from '../../../schema/field-value.ts'
import { fieldOf, type ObjectDefinition } from '../../../schema/object-definition.ts'
import type { OrgRecord, RecordChange } from '../../../schema/record.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import { coerceValue } from '../../values/coerce-value.ts'
import type { SaveError } from '../../values/save-error.ts'
import type { Firing, SaveContext } from '../context/save-context.ts'
import { makeRecord } from './apply-edit.ts'
import { computedFields } from './computed-fields.ts'

/** One record's change after its rules: what a save of it comes to. */
export type Carried = {
  readonly write: 'insert' | 'update' | 'delete'
  readonly change: RecordChange
  readonly firing: Pick<Firing, 'rules' | 'owed' | 'remarks'>
  /** True: nothing changed but the version. */
  readonly isTouch?: boolean
}

export type CarriedOrRefused =
  | { readonly kind: 'carried'; readonly steps: readonly Carried[] }
  | { readonly kind: 'refused'; readonly errors: readonly SaveError[] }

/** A change to carry on, and in what it is carried. */
export type Carry = {
  readonly write: 'insert' | 'update'
  readonly change: RecordChange
  readonly context: SaveContext
  /** A record as this save has it so far. */
  readonly current: (id: RecordId) => OrgRecord | undefined
}

/** How far a save goes on from record to record: to parents that are updated, to tasks that are inserted. */
const DEPTH_MAX = 5

/**
 * One record's save, in Salesforce's order: the validation rules may refuse it, the rules fire, its own field updates are taken in, then each
 * parent that field updates write and each task goes through a save of its own.
 */
export function carryChange(carry: Carry, depth = 0): CarriedOrRefused {
  const { context } = carry
  const validated = context.validate(carry.change)
  if (validated.errors.length > 0)
    return { kind: 'refused', errors: ownOrAbove(validated.errors, depth) }
  const firing = context.fire(carry.change)
  const updated = withUpdates(carry.change, firing.updates, context)
  if (updated.kind === 'refused') return updated
  const remarks = [...validated.remarks, ...firing.remarks]
  const own: Carried = {
    write: carry.write,
    change: updated.change,
    firing: { ...firing, remarks },
  }
  if (depth === DEPTH_MAX) return { kind: 'carried', steps: [own] }

  const steps: Carried[] = [own]
  const inHand = new Map<RecordId, OrgRecord>([[own.change.recordId, own.change.after]])
  const current = (id: RecordId) => inHand.get(id) ?? carry.current(id)
  const further = [
    ...[...firing.parents].map(([recordId, fields]) => () => {
      return updatedParent(current(recordId), fields, context)
    }),
    ...firing.tasks.map((task) => () => insertedTask(task, context)),
  ]
  for (const next of further) {
    const found = next()
    if (found === null) continue
    if (found.kind === 'refused') return found
    const { write, change } = found
    const carried = carryChange({ write, change, context, current }, depth + 1)
    if (carried.kind === 'refused') return carried
    for (const step of carried.steps) {
      inHand.set(step.change.recordId, step.change.after)
      steps.push(step)
    }
  }
  return { kind: 'carried', steps }
}

/** What another record's rules refuse names no field of the record that the client saves. */
function ownOrAbove(errors: readonly SaveError[], depth: number): readonly SaveError[] {
  return depth === 0 ? errors : errors.map((error) => ({ ...error, fields: [] }))
}

type Further =
  | ({ readonly kind: 'changed' } & Pick<Carry, 'write' | 'change'>)
  | { readonly kind: 'refused'; readonly errors: readonly SaveError[] }

/** A parent with fields that its save was not asked for. Null: it was deleted meanwhile, there is nothing to update. */
export function updatedParent(
  parent: OrgRecord | undefined,
  fields: FieldValues,
  context: SaveContext,
): Further | null {
  if (!parent) return null
  const { objectName, recordId } = parent
  const unchanged = { objectName, recordId, before: parent, after: parent }
  const written = withUpdates(unchanged, fields, context)
  return written.kind === 'refused' ? written : { ...written, write: 'update' }
}

/** A task is the org's own doing: the running user's permissions do not count. */
function insertedTask({ fields }: FiredTask, context: SaveContext): Further {
  const object = context.definitions.objectOf('Task')
  if (!object) throw new Error('an org has the object Task from its founding on')
  const fitted = fit(object, fields)
  if (fitted.kind === 'refused') return fitted
  const recordId = context.newId(object.keyPrefix ?? '')
  const given = new Map(Object.entries(fitted.fields))
  const made = makeRecord({ object, recordId, given, numbers: {} }, context)
  if (made.kind === 'refused') return made
  const { before, after } = made
  const change = { objectName: object.name, recordId, before, after }
  return { kind: 'changed', write: 'insert', change }
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
