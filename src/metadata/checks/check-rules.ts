import type { ActionReference, WorkflowRule } from '../../rules/workflow-rule.ts'
import type { Report } from '../problem.ts'
import type { KeptAction, Project } from '../project.ts'
import { complaintAboutPath, indexObjects, type ObjectIndex } from './object-index.ts'

// The limits of Salesforce's guide "Workflow Rules": told, not enforced.
const CRITERIA_MAX = 25
const CRITERION_VALUE_MAX = 255
const FORMULA_MAX = 3900
const ACTIONS_MAX = 40
const TIME_TRIGGERS_MAX = 10
const TIME_LENGTH_MAX = 999

/** The element in `<Workflow>` that holds the actions of each type. */
const ELEMENT_OF_TYPE: ReadonlyMap<string, string> = new Map([
  ['Alert', 'alerts'],
  ['FieldUpdate', 'fieldUpdates'],
  ['Task', 'tasks'],
  ['OutboundMessage', 'outboundMessages'],
  ['FlowAction', 'flowActions'],
  ['KnowledgePublish', 'knowledgePublishes'],
  ['Send', 'send'],
  ['Notification', 'notifications'],
  ['FlowAutomation', 'flowAutomation'],
])

/** Tells what is wrong with rules apart from their formulas and filter logic, which compiling shows. */
export function checkRules(project: Project, report: Report): void {
  const objectNamed = indexObjects(project.objects)
  const actions = actionKeys(project)
  const usedBy = new Map<string, WorkflowRule[]>()
  for (const rule of project.rules) {
    checkFields(rule, objectNamed, report)
    checkLimits(rule, report)
    for (const action of actionsOf(rule)) {
      const key = keyOf(rule.objectName, ELEMENT_OF_TYPE.get(action.type), action.name)
      if (!actions.has(key)) reportMissing(rule, action, report)
      if (!rule.active) continue
      const users = usedBy.get(key)
      if (users) users.push(rule)
      else usedBy.set(key, [rule])
    }
  }
  for (const kept of project.keptActions) reportNotExecuted(kept, usedBy, report)
}

function actionsOf(rule: WorkflowRule): readonly ActionReference[] {
  return [...rule.actions, ...rule.timeTriggers.flatMap(({ actions }) => actions)]
}

function keyOf(objectName: string, element: string | undefined, fullName: string): string {
  return `${objectName}.${element}.${fullName}`.toLowerCase()
}

function actionKeys(project: Project): ReadonlySet<string> {
  const keys = (element: string, actions: readonly { objectName: string; fullName: string }[]) =>
    actions.map(({ objectName, fullName }) => keyOf(objectName, element, fullName))
  return new Set([
    ...keys('fieldUpdates', project.fieldUpdates),
    ...keys('outboundMessages', project.outboundMessages),
    ...keys('tasks', project.tasks),
    ...keys('alerts', project.alerts),
    ...project.keptActions.flatMap((kept) => keys(kept.element, [kept])),
  ])
}

function reportMissing(rule: WorkflowRule, { name, type }: ActionReference, report: Report): void {
  const passedOver = `${rule.fullName}: the action ${type} ${name} is passed over`
  const element = ELEMENT_OF_TYPE.get(type)
  if (element === undefined) {
    const known = [...ELEMENT_OF_TYPE.keys()].join(', ')
    const message = `${passedOver}: there is no such type of action, expected one of ${known}`
    report(rule.place, 'ACTION_TYPE_UNKNOWN', message)
  } else {
    report(rule.place, 'ACTION_MISSING', `${passedOver}: there is no <${element}> of that name`)
  }
}

function reportNotExecuted(
  kept: KeptAction,
  usedBy: ReadonlyMap<string, readonly WorkflowRule[]>,
  report: Report,
): void {
  const rules = usedBy.get(keyOf(kept.objectName, kept.element, kept.fullName))
  const [first] = rules ?? []
  if (!rules || !first) return
  const others = rules.length > 1 ? ` and ${rules.length - 1} more` : ''
  const message = `${kept.fullName} in <${kept.element}> is kept, not executed; active rules use it: ${first.fullName}${others}`
  report(kept.place, 'NOT_EXECUTED', message)
}

function checkFields(rule: WorkflowRule, objectNamed: ObjectIndex, report: Report): void {
  const paths = [
    ...rule.criteriaItems.map(({ field }) => field),
    ...rule.timeTriggers.flatMap(({ offsetFromField }) => offsetFromField ?? []),
  ]
  for (const path of new Set(paths)) {
    const complaint = complaintAboutPath(path, objectNamed)
    if (complaint) report(rule.place, 'FIELD_UNKNOWN', `${rule.fullName}: ${complaint}`)
  }
}

function checkLimits(rule: WorkflowRule, report: Report): void {
  const { fullName, place, criteriaItems, timeTriggers } = rule
  if (timeTriggers.length > 0 && rule.triggerType === 'onAllChanges') {
    const message = `${fullName}: Salesforce has no time triggers on rules that are evaluated at every edit`
    report(place, 'TIME_TRIGGER_WITH_ALL_CHANGES', message)
  }
  if (criteriaItems.length > CRITERIA_MAX) {
    const message = `${fullName}: Salesforce takes ${CRITERIA_MAX} criteria, found ${criteriaItems.length}`
    report(place, 'TOO_MANY_CRITERIA', message)
  }
  const longest = (count: number, lengths: readonly number[]) => Math.max(count, ...lengths)
  const limited = [
    [
      'characters of a criterion',
      CRITERION_VALUE_MAX,
      longest(
        0,
        criteriaItems.map(({ value }) => value.length),
      ),
    ],
    ['characters of a formula', FORMULA_MAX, rule.formula?.length ?? 0],
    [
      'actions',
      ACTIONS_MAX,
      longest(
        rule.actions.length,
        timeTriggers.map(({ actions }) => actions.length),
      ),
    ],
    ['time triggers', TIME_TRIGGERS_MAX, timeTriggers.length],
    [
      'hours or days',
      TIME_LENGTH_MAX,
      longest(
        0,
        timeTriggers.map(({ timeLength }) => Math.abs(timeLength)),
      ),
    ],
  ] as const
  for (const [what, max, found] of limited) {
    if (found <= max) continue
    const message = `${fullName}: Salesforce takes ${max} ${what}, found ${found}`
    report(place, 'LIMIT_EXCEEDED', message)
  }
}
