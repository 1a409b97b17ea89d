import { errorText } from '../base/log.ts'
import type { FieldValue, FieldValues } from '../schema/field-value.ts'
import type { OrgRecord, RecordChange } from '../schema/record.ts'
import type { RecordId } from '../schema/record-id.ts'
import { type Assignment, assignmentsOf } from './actions/assignment.ts'
import type { RuleActions } from './actions/compile-actions.ts'
import type { CompiledTask } from './actions/compile-task.ts'
import type { CompiledRule } from './compile-rule.ts'
import type { CompiledRules } from './compile-rules.ts'
import { type RuleContext, ruleFires } from './evaluate-rule.ts'
import {
  type CompiledFieldUpdate,
  FieldUpdateError,
  type Lookup,
} from './field-updates/compile-field-update.ts'
import { FormulaRuntimeError } from './formula/errors.ts'

/** Further rounds after the first, when a field update asks for the rules to be evaluated again. */
export const REEVALUATIONS_MAX = 5

/** What firing needs besides an evaluation: the records that LookupValue updates name. */
export type FireContext = RuleContext & { readonly lookup: Lookup }

/** A field of a parent that a rule's field update sets. The parent then goes through its own save. */
export type ParentUpdate = {
  readonly recordId: RecordId
  readonly objectName: string
  readonly field: string
  readonly value: FieldValue
}

/** A task that a rule assigns. */
export type FiredTask = {
  readonly key: string
  readonly ruleFullName: string
  readonly fields: FieldValues
  readonly notifyAssignee: boolean
}

/** All that one record change fires. */
export type FiredRules = {
  /** The record's fields that field updates changed, with their last values. */
  readonly fields: FieldValues
  readonly parentUpdates: readonly ParentUpdate[]
  /** In the order they fired; `round` 0 is the first. */
  readonly firedRules: readonly { readonly fullName: string; readonly round: number }[]
  /** One for each rule and outbound message; `key` is `Object.Name`. */
  readonly outboundMessages: readonly { readonly key: string; readonly ruleFullName: string }[]
  /** The tasks to insert, one for each rule and task. */
  readonly tasks: readonly FiredTask[]
  /** One for each rule and e-mail alert; `key` is `Object.Name`. */
  readonly alerts: readonly { readonly key: string; readonly ruleFullName: string }[]
  readonly assignments: readonly Assignment[]
  /** Actions that fired but are not carried out here. */
  readonly notExecuted: readonly {
    readonly rule: string
    readonly action: string
    readonly type: string
  }[]
  /** Formulas without a result, lookups that found nobody. Such a rule does not fire, such an update is left out. */
  readonly errors: readonly { readonly rule: string; readonly message: string }[]
}

/** What a rule does now: its immediate actions, or those of a time trigger that is due. */
type Fired = { readonly round: number; readonly actions: RuleActions }

/** Sees how rules are fired, when somebody wants to know. Nothing is computed for it otherwise. */
export type FiringWitness = {
  /** A rule was evaluated for the record as field updates had left it by then. */
  evaluated(
    rule: CompiledRule,
    at: { readonly round: number; readonly record: OrgRecord; readonly fires: boolean },
  ): void
  /** A field update of a rule that fires, before it changes anything. */
  updated(rule: CompiledRule, update: CompiledFieldUpdate, outcome: UpdateSeen): void
}

/** What a field update came to. */
export type UpdateSeen =
  | { readonly kind: 'no parent' } // its reference field is empty
  | { readonly kind: 'failed'; readonly message: string }
  | {
      readonly kind: 'updated'
      readonly target: OrgRecord | undefined
      /** Undefined leaves the field alone. */
      readonly value: FieldValue | undefined
    }

type Firing = {
  readonly before: OrgRecord | null
  readonly context: FireContext
  readonly witness: FiringWitness | undefined
  /** As the field updates so far have left it. */
  record: OrgRecord
  readonly fired: Map<CompiledRule, Fired>
  readonly parentUpdates: ParentUpdate[]
  readonly assignments: Assignment[]
  readonly errors: { rule: string; message: string }[]
}

/**
 * Decides what a record change fires: field updates first, in file order, again for the rules that have
 * not fired while an update asks for it and changes something; then the other actions once. Pure.
 */
export function fireRules(
  compiled: CompiledRules,
  change: RecordChange,
  context: FireContext,
  witness?: FiringWitness,
): FiredRules {
  const firing = firingOf(change, context, witness)
  evaluateRounds(compiled.forObject(change.objectName), firing, 0)
  return resultOf(firing, change.after)
}

/**
 * Decides what a time trigger does with a record that meets its rule's criteria now: its own actions, and the
 * rules that one of its field updates has evaluated again. The rule itself does not fire once more. Pure.
 */
export function fireTimeTrigger(
  compiled: CompiledRules,
  due: { readonly rule: CompiledRule; readonly actions: RuleActions; readonly record: OrgRecord },
  context: FireContext,
  witness?: FiringWitness,
): FiredRules {
  const { rule, actions, record } = due
  const firing = firingOf({ before: record, after: record }, context, witness)
  firing.fired.set(rule, { round: 0, actions })
  const outcomes = actions.fieldUpdates.map((update) => applyUpdate(update, rule, firing))
  if (outcomes.includes('evaluate again')) {
    evaluateRounds(compiled.forObject(rule.objectName), firing, 1)
  }
  return resultOf(firing, record)
}

function firingOf(
  { before, after }: Pick<RecordChange, 'before' | 'after'>,
  context: FireContext,
  witness: FiringWitness | undefined,
): Firing {
  return {
    before,
    context,
    witness,
    record: after,
    fired: new Map(),
    parentUpdates: [],
    assignments: [],
    errors: [],
  }
}

function evaluateRounds(rules: readonly CompiledRule[], firing: Firing, firstRound: number): void {
  for (let round = firstRound; round <= REEVALUATIONS_MAX; round += 1) {
    const due = rules.filter((rule) => !firing.fired.has(rule) && isFired(rule, firing, round))
    for (const rule of due) firing.fired.set(rule, { round, actions: rule })
    const updates = due.flatMap((rule) => rule.fieldUpdates.map((update) => ({ rule, update })))
    const outcomes = updates.map(({ rule, update }) => applyUpdate(update, rule, firing))
    if (!outcomes.includes('evaluate again')) return
  }
}

function isFired(rule: CompiledRule, firing: Firing, round: number): boolean {
  const { before, record, context, witness } = firing
  let fires = false
  try {
    fires = ruleFires(rule, { before, after: record }, context)
  } catch (error) {
    noteError(error, rule, firing)
  }
  witness?.evaluated(rule, { round, record, fires })
  return fires
}

/** Expected errors are told with the result; anything else is a bug and goes on. */
function noteError(error: unknown, rule: CompiledRule, firing: Firing): void {
  if (!(error instanceof FormulaRuntimeError || error instanceof FieldUpdateError)) throw error
  const { fullName } = rule
  const isKnown = firing.errors.some(
    (each) => each.rule === fullName && each.message === error.message,
  )
  if (!isKnown) firing.errors.push({ rule: fullName, message: error.message })
}

type UpdateOutcome = 'done' | 'evaluate again'

function applyUpdate(
  update: CompiledFieldUpdate,
  rule: CompiledRule,
  firing: Firing,
): UpdateOutcome {
  try {
    return update.targetField === null
      ? updateRecord(update, rule, firing)
      : updateParent(update, rule, firing)
  } catch (error) {
    noteError(error, rule, firing)
    firing.witness?.updated(rule, update, { kind: 'failed', message: errorText(error) })
    return 'done'
  }
}

function newValueOf(update: CompiledFieldUpdate, firing: Firing, target: OrgRecord | undefined) {
  const { record, before, context } = firing
  return update.newValue({ ...context, record, before, isNew: before === null }, target)
}

function updateRecord(
  update: CompiledFieldUpdate,
  rule: CompiledRule,
  firing: Firing,
): UpdateOutcome {
  const { record } = firing
  const value = newValueOf(update, firing, record)
  firing.witness?.updated(rule, update, { kind: 'updated', target: record, value })
  const { name } = update.field
  if (value === undefined || value === (record.fields[name] ?? null)) return 'done'
  firing.record = { ...record, fields: { ...record.fields, [name]: value } }
  firing.assignments.push(...assignmentsOf(update, rule.fullName, { target: record, value }))
  return update.reevaluateOnChange ? 'evaluate again' : 'done'
}

/** A parent's update never has the rules of this record evaluated again. */
function updateParent(
  update: CompiledFieldUpdate,
  rule: CompiledRule,
  firing: Firing,
): UpdateOutcome {
  const id = firing.record.fields[update.targetField?.name ?? '']
  if (typeof id !== 'string') {
    firing.witness?.updated(rule, update, { kind: 'no parent' })
    return 'done'
  }
  const recordId = id as RecordId // A reference field holds nothing else.
  const parent = firing.context.related(recordId)
  const value = newValueOf(update, firing, parent)
  firing.witness?.updated(rule, update, { kind: 'updated', target: parent, value })
  if (value === undefined) return 'done'
  const objectName = parent?.objectName ?? update.targetObject.name
  firing.parentUpdates.push({ recordId, objectName, field: update.field.name, value })
  if (value !== (parent?.fields[update.field.name] ?? null)) {
    firing.assignments.push(
      ...assignmentsOf(update, rule.fullName, { target: { recordId, objectName }, value }),
    )
  }
  return 'done'
}

function resultOf(firing: Firing, after: OrgRecord): FiredRules {
  const { record, parentUpdates, assignments, errors } = firing
  const fired = [...firing.fired].map(([rule, its]) => ({ rule, ...its }))
  return {
    fields: changedFields(record, after),
    parentUpdates,
    tasks: fired.flatMap(({ rule, actions }) =>
      actions.tasks.flatMap((task) => taskOf(task, rule, firing)),
    ),
    firedRules: fired
      .filter(({ rule, actions }) => actions === rule) // by its criteria, not by the clock
      .map(({ rule: { fullName }, round }) => ({ fullName, round })),
    outboundMessages: fired.flatMap(({ rule: { fullName }, actions }) =>
      actions.outboundMessages.map((key) => ({ key, ruleFullName: fullName })),
    ),
    notExecuted: fired.flatMap(({ rule: { fullName }, actions }) =>
      actions.otherActions.map(({ name, type }) => ({ rule: fullName, action: name, type })),
    ),
    alerts: fired.flatMap(({ rule: { fullName }, actions }) =>
      actions.alerts.map((key) => ({ key, ruleFullName: fullName })),
    ),
    assignments,
    errors,
  }
}

/** Made when all field updates are done: a task sees the record as it is saved. */
function taskOf(task: CompiledTask, rule: CompiledRule, firing: Firing): readonly FiredTask[] {
  const { record, before, context } = firing
  const { key, notifyAssignee } = task
  try {
    const isNew = before === null
    const { fields, remark } = task.newTask({ ...context, record, before, isNew })
    if (remark !== null) firing.errors.push({ rule: rule.fullName, message: remark })
    return [{ key, ruleFullName: rule.fullName, fields, notifyAssignee }]
  } catch (error) {
    noteError(error, rule, firing)
    return []
  }
}

function changedFields(record: OrgRecord, after: OrgRecord): FieldValues {
  const changed = Object.entries(record.fields).filter(([name, value]) => {
    return value !== (after.fields[name] ?? null)
  })
  return Object.fromEntries(changed)
}
