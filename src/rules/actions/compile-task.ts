import type { FieldValue, FieldValues } from '../../schema/field-value.ts'
import { fieldOf, type ObjectDefinition } from '../../schema/object-definition.ts'
import type { OrgRecord } from '../../schema/record.ts'
import type { RecordId } from '../../schema/record-id.ts'
import { CriteriaError } from '../criteria/criteria-error.ts'
import { criterionField } from '../criteria/criterion-field.ts'
import type { EvaluationContext } from '../evaluation-context.ts'
import type { Lookup } from '../field-updates/compile-field-update.ts'
import type { FormulaFieldCache } from '../formula/scope.ts'
import { readDay, readInstant, writeDay } from '../formula/values/calendar.ts'
import { localDay } from '../formula/values/zone.ts'
import type { Report } from '../rule-problem.ts'
import type { WorkflowTask } from '../workflow-rule.ts'

/** A task of a workflow, ready to be assigned. */
export type CompiledTask = {
  /** `Object.Name` */
  readonly key: string
  readonly notifyAssignee: boolean
  readonly newTask: NewTask
  readonly paths: readonly (readonly string[])[]
}

/** The fields of the task to insert; `remark` says why it is not assigned as its definition wants. */
export type NewTask = (context: EvaluationContext & { readonly lookup: Lookup }) => {
  readonly fields: FieldValues
  readonly remark: string | null
}

/** What tasks are compiled in. */
export type TaskScope = {
  readonly objects: (name: string) => ObjectDefinition | undefined
  readonly formulaFields: FormulaFieldCache
}

/** Compiles a task; null when it is broken. What is wrong is reported. */
export function compileTask(
  task: WorkflowTask,
  scope: TaskScope,
  report: Report,
): CompiledTask | null {
  const object = scope.objects(task.objectName)
  if (object === undefined) {
    report.error('RULE_UNKNOWN_OBJECT', `there is no object ${task.objectName}`)
    return null
  }
  const dueDate = compileDueDate(task, { ...scope, object }, report)
  const assignee = compileAssignee(task, object, report)
  if (dueDate === null) return null
  const relation = relationOf(object, scope)
  return {
    key: `${task.objectName}.${task.fullName}`,
    notifyAssignee: task.notifyAssignee,
    paths: [...dueDate.paths, ...assignee.paths],
    newTask: (context) => {
      const { ownerId, remark } = assignee.assign(context)
      return {
        fields: {
          Subject: task.subject,
          Description: task.description,
          Priority: task.priority,
          Status: task.status,
          ActivityDate: dueDate.dueOn(context),
          OwnerId: ownerId,
          ...(relation && { [relation]: context.record.recordId }),
        },
        remark,
      }
    },
  }
}

type ObjectScope = TaskScope & { readonly object: ObjectDefinition }

/** Counts in days of the organisation's calendar; a blank field gives a task without a due date. */
function compileDueDate(task: WorkflowTask, scope: ObjectScope, report: Report) {
  const { offsetFromField, dueDateOffset } = task
  if (offsetFromField === null) {
    const dueOn = ({ org, now }: EvaluationContext) =>
      writeDay(localDay(org.timeZone, now) + dueDateOffset)
    return { dueOn, paths: [] }
  }
  try {
    const { definition, read, paths } = criterionField(offsetFromField, scope)
    if (definition.type !== 'date' && definition.type !== 'datetime') {
      const message = `${offsetFromField} is no date: a due date cannot count from it`
      report.error('TASK_DUE_DATE', message)
      return null
    }
    const isDate = definition.type === 'date'
    const dueOn = (context: EvaluationContext) => {
      const value = read(context)
      if (typeof value !== 'string') return null
      const day = isDate ? readDay(value) : localDay(context.org.timeZone, readInstant(value))
      return writeDay(day + dueDateOffset)
    }
    return { dueOn, paths }
  } catch (error) {
    if (!(error instanceof CriteriaError)) throw error
    report.error('TASK_DUE_DATE', error.message)
    return null
  }
}

type Assignee = {
  readonly assign: (context: EvaluationContext & { readonly lookup: Lookup }) => {
    readonly ownerId: FieldValue
    readonly remark: string | null
  }
  readonly paths: readonly (readonly string[])[]
}

function compileAssignee(task: WorkflowTask, object: ObjectDefinition, report: Report): Assignee {
  const { assignedToType, assignedTo } = task
  switch (assignedToType) {
    case 'owner':
      return known((context) => ownerOf(context.record, context))
    case 'creator':
      return known((context) => context.record.fields['CreatedById'] ?? null)
    case 'user':
    case 'role': {
      const type = assignedToType === 'user' ? 'User' : 'Role'
      return named(type, assignedTo ?? '', object)
    }
    case 'accountOwner':
      return ofAccount(object, 'OwnerId')
    case 'accountCreator':
      return ofAccount(object, 'CreatedById')
    default:
      report.warning(
        'TASK_ASSIGNEE',
        `nobody is known here by ${assignedToType} ${assignedTo ?? ''}: the record's owner gets the task`,
      )
      return known((context) => ownerOf(context.record, context))
  }
}

function known(find: (context: EvaluationContext) => FieldValue): Assignee {
  return { assign: (context) => ({ ownerId: find(context), remark: null }), paths: [] }
}

/** A role that more or fewer than one user have gives the task to the record's owner, as at Salesforce. */
function named(type: 'User' | 'Role', name: string, object: ObjectDefinition): Assignee {
  return {
    assign: (context) => {
      const found = context.lookup(type, name, object.name)
      if (found !== null) return { ownerId: found, remark: null }
      const ownerId = ownerOf(context.record, context)
      if (type === 'Role') return { ownerId, remark: null }
      return {
        ownerId,
        remark: `there is no User named '${name}': the record's owner gets the task`,
      }
    },
    paths: [],
  }
}

function ofAccount(object: ObjectDefinition, fieldName: string): Assignee {
  if (object.name === 'Account') {
    return known(({ record }) => record.fields[fieldName] ?? null)
  }
  const via = fieldOf(object, 'AccountId')?.name ?? null
  const find = (context: EvaluationContext) => {
    const accountId = via === null ? null : context.record.fields[via]
    // A reference field holds nothing but ids.
    const account =
      typeof accountId === 'string' ? context.related(accountId as RecordId) : undefined
    return account?.fields[fieldName] ?? ownerOf(context.record, context)
  }
  return { ...known(find), paths: via === null ? [] : [[via]] }
}

/** A queue has no task list of its own: what it owns goes to the running user. */
function ownerOf({ fields }: OrgRecord, { user }: EvaluationContext): FieldValue {
  const { OwnerId: ownerId = null } = fields
  const isUser = typeof ownerId === 'string' && ownerId.startsWith('005')
  return isUser ? ownerId : (user.record?.recordId ?? null)
}

/** The field by which a task refers to the record; null: tasks cannot refer to that object. */
function relationOf(object: ObjectDefinition, { objects }: TaskScope): 'WhoId' | 'WhatId' | null {
  const task = objects('Task')
  const refers = (name: string) =>
    task !== undefined &&
    fieldOf(task, name)?.referenceTo?.some((each) => each === object.name) === true
  return refers('WhoId') ? 'WhoId' : refers('WhatId') ? 'WhatId' : null
}
