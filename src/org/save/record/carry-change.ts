import type { Assignment } from '../../../rules/actions/assignment.ts'
import type { FiredTask } from '../../../rules/fire-rules.ts'
import type { FieldValues } from '../../../schema/field-value.ts'
import type { OrgRecord, RecordChange } from '../../../schema/record.ts'
import { type RecordId, tryRecordId } from '../../../schema/record-id.ts'
import type { SaveError } from '../../values/save-error.ts'
import type { Firing, SaveContext } from '../context/save-context.ts'
import { makeRecord } from './apply-edit.ts'
import { type SavedOwn, saveOwn } from './save-own.ts'
import { fit, withUpdates } from './with-updates.ts'

/** One record's change after its rules: what a save of it comes to. */
export type Carried = {
  readonly write: 'insert' | 'update' | 'delete'
  readonly change: RecordChange
  /** True: nothing changed but the version. */
  readonly isTouch?: boolean
  readonly firing: Pick<Firing, 'rules' | 'flows' | 'owed' | 'alerts' | 'assignments' | 'remarks'>
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
 * One record's save, then those it leads to: each parent that field updates and flows write and each task
 * goes through a save of its own.
 */
export function carryChange(carry: Carry, depth = 0): CarriedOrRefused {
  const saved = saveOwn(carry.change, carry.context)
  if (saved.kind === 'refused') {
    return { kind: 'refused', errors: ownOrAbove(saved.errors, depth) }
  }
  return carryOn(carry, saved, depth)
}

/** Goes on from a record that is decided, to those that what it fired leads to. */
export function carryOn(
  carry: Carry,
  { change, firings }: Pick<SavedOwn & { readonly kind: 'saved' }, 'change' | 'firings'>,
  depth = 0,
): CarriedOrRefused {
  const { context, write } = carry
  const own: Carried = { write, change, firing: toldOf(firings) }
  if (depth === DEPTH_MAX) return { kind: 'carried', steps: [own] }

  const steps: Carried[] = [own]
  const inHand = new Map<RecordId, OrgRecord>([[own.change.recordId, own.change.after]])
  const current = (id: RecordId) => inHand.get(id) ?? carry.current(id)
  const further = [
    ...firings
      .flatMap(({ parents }) => [...parents])
      .map(
        ([recordId, fields]) =>
          () =>
            updatedParent(current(recordId), fields, context),
      ),
    ...firings.flatMap(({ tasks }) => tasks).map((task) => () => insertedTask(task, context)),
  ]
  for (const next of further) {
    const found = next()
    if (found === null) continue
    if (found.kind === 'refused') return found
    const { write, change, assignments } = found
    const carried = carryChange({ write, change, context, current }, depth + 1)
    if (carried.kind === 'refused') return carried
    for (const step of withAssignments(carried.steps, assignments)) {
      inHand.set(step.change.recordId, step.change.after)
      steps.push(step)
    }
  }
  return { kind: 'carried', steps }
}

/** What is told of a save once it is done, of its rules and flows together. */
function toldOf(firings: readonly Firing[]): Carried['firing'] {
  return {
    rules: firings.flatMap(({ rules }) => rules),
    flows: firings.flatMap(({ flows }) => flows),
    owed: firings.flatMap(({ owed }) => owed),
    alerts: firings.flatMap(({ alerts }) => alerts),
    assignments: firings.flatMap(({ assignments }) => assignments),
    remarks: firings.flatMap(({ remarks }) => remarks),
  }
}

/** What another record's rules refuse names no field of the record that the client saves. */
function ownOrAbove(errors: readonly SaveError[], depth: number): readonly SaveError[] {
  return depth === 0 ? errors : errors.map((error) => ({ ...error, fields: [] }))
}

/** A record that is made for somebody tells them so. */
function withAssignments(
  [first, ...others]: readonly Carried[],
  assignments: readonly Assignment[] = [],
): readonly Carried[] {
  if (!first) return others
  const { firing } = first
  const all = [...assignments, ...firing.assignments]
  return [{ ...first, firing: { ...firing, assignments: all } }, ...others]
}

type Further =
  | ({
      readonly kind: 'changed'
      readonly assignments?: readonly Assignment[]
    } & Pick<Carry, 'write' | 'change'>)
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
function insertedTask(task: FiredTask, context: SaveContext): Further {
  const object = context.definitions.objectOf('Task')
  if (!object) throw new Error('an org has the object Task from its founding on')
  const fitted = fit(object, task.fields)
  if (fitted.kind === 'refused') return fitted
  const recordId = context.newId(object.keyPrefix ?? '')
  const given = new Map(Object.entries(fitted.fields))
  const made = makeRecord({ object, recordId, given, numbers: {} }, context)
  if (made.kind === 'refused') return made
  const { before, after } = made
  const change = { objectName: object.name, recordId, before, after }
  return { kind: 'changed', write: 'insert', change, assignments: assignmentOf(task, after) }
}

/** Who gets the task, where it is to tell them. */
function assignmentOf(
  { notifyAssignee, ruleFullName }: FiredTask,
  { objectName, recordId, fields }: OrgRecord,
): readonly Assignment[] {
  const assigneeId = typeof fields.OwnerId === 'string' ? tryRecordId(fields.OwnerId) : null
  if (!notifyAssignee || assigneeId === null) return []
  return [{ objectName, recordId, assigneeId, ruleFullName }]
}
