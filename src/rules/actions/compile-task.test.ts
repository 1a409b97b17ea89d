import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ANNA,
  contextOf,
  fireContext,
  NOON,
  objects,
  QUEUE,
  recordOf,
  taskOf,
  thing,
} from '../../../test/support/rules-org.ts'
import type { FieldValues } from '../../schema/field-value.ts'
import { STANDARD_OBJECTS } from '../../schema/standard-objects.ts'
import type { EvaluationContext } from '../evaluation-context.ts'
import { type RuleProblem, reportAt } from '../rule-problem.ts'
import type { WorkflowTask } from '../workflow-rule.ts'
import { compileTask } from './compile-task.ts'

function compile(more: Partial<WorkflowTask>) {
  const problems: RuleProblem[] = []
  const report = reportAt(problems, { file: 'x', line: 1 }, 'task')
  const standard = (name: string) => STANDARD_OBJECTS.find((each) => each.name === name)
  const scope = {
    objects: (name: string) => objects(name) ?? standard(name),
    formulaFields: new Map(),
  }
  const task = compileTask(taskOf('Call', more), scope, report)
  return { task, codes: problems.map(({ code }) => code) }
}

function assign(
  more: Partial<WorkflowTask>,
  fields: FieldValues = {},
  context: Partial<EvaluationContext> = {},
) {
  const { task } = compile(more)
  if (task === null) return assert.fail('the task is broken')
  return task.newTask({ ...fireContext(), ...contextOf(thing(fields), context) })
}

test('a task is due some days from the day the rule fires, in the organisation’s time zone', () => {
  assert.equal(assign({ dueDateOffset: 0 }).fields['ActivityDate'], '2026-03-04')
  assert.equal(assign({ dueDateOffset: -5 }).fields['ActivityDate'], '2026-02-27')
  const { org } = fireContext()
  const auckland = { org: { ...org, timeZone: 'Pacific/Auckland' }, now: NOON }
  assert.equal(assign({}, {}, auckland).fields['ActivityDate'], '2026-03-05')
})

test('a task may be due by a date or date-time of the record; a blank one gives no due date', () => {
  const byDate = { offsetFromField: 'Thing__c.Date__c', dueDateOffset: 2 }
  const byMoment = { offsetFromField: 'Thing__c.Moment__c', dueDateOffset: 1 }

  assert.equal(assign(byDate, { Date__c: '2026-02-27' }).fields['ActivityDate'], '2026-03-01')
  const moment = { Moment__c: '2026-12-31T23:30:00.000Z' }
  assert.equal(assign(byMoment, moment).fields['ActivityDate'], '2027-01-01')
  assert.equal(assign(byDate).fields['ActivityDate'], null)
})

test('a task counted from what is no date is broken, and says so', () => {
  assert.deepEqual(compile({ offsetFromField: 'Thing__c.Text__c' }).codes, ['TASK_DUE_DATE'])
  assert.deepEqual(compile({ offsetFromField: 'Thing__c.Gone__c' }).codes, ['TASK_DUE_DATE'])
})

test('a task goes to the record’s owner; what a queue owns goes to the running user', () => {
  const bert = recordOf('User', 7)
  const user = { record: bert, profile: null, role: null, permissions: new Set<string>() }

  const owned = { OwnerId: ANNA.recordId }
  assert.equal(assign({}, owned, { user }).fields['OwnerId'], ANNA.recordId)
  const queued = { OwnerId: QUEUE.recordId }
  assert.equal(assign({}, queued, { user }).fields['OwnerId'], bert.recordId)
})

test('a task goes to the user it names; when there is none the owner gets it, and that is told', () => {
  const owned = { OwnerId: QUEUE.recordId }
  const named = assign({ assignedToType: 'user', assignedTo: 'anna@example.com' }, owned)
  assert.deepEqual([named.fields['OwnerId'], named.remark], [ANNA.recordId, null])

  const gone = assign({ assignedToType: 'user', assignedTo: 'x@y' }, { OwnerId: ANNA.recordId })
  assert.equal(gone.fields['OwnerId'], ANNA.recordId)
  assert.match(gone.remark ?? '', /there is no User named 'x@y'/)
})

test('a task for a role that has not exactly one user goes to the owner; an unknown kind of assignee too, with a warning', () => {
  const owned = { OwnerId: ANNA.recordId }
  const role = assign({ assignedToType: 'role', assignedTo: 'CEO' }, owned)
  assert.deepEqual([role.fields['OwnerId'], role.remark], [ANNA.recordId, null])

  const team = { assignedToType: 'opportunityTeam', assignedTo: 'Lead' }
  assert.equal(assign(team, owned).fields['OwnerId'], ANNA.recordId)
  assert.deepEqual(compile(team).codes, ['TASK_ASSIGNEE'])
})
