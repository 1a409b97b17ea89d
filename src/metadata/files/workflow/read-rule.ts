import type { XmlElement } from '../../../base/xml.ts'
import type {
  ActionReference,
  FilterItem,
  TimeTrigger,
  TriggerType,
  WorkflowRule,
} from '../../../rules/workflow-rule.ts'
import {
  booleanOf,
  childrenOf,
  intOf,
  placeOf,
  reportUnknown,
  type Source,
  textOf,
  wordOf,
} from '../source.ts'

const TRIGGER_TYPES: readonly TriggerType[] = [
  'onCreateOnly',
  'onAllChanges',
  'onCreateOrTriggeringUpdate',
  'OnRecursiveUpdate',
]

const RULE_ELEMENTS: ReadonlySet<string> = new Set([
  'fullName',
  'active',
  'triggerType',
  'criteriaItems',
  'booleanFilter',
  'formula',
  'actions',
  'workflowTimeTriggers',
  'description',
  'failedMigrationToolVersion', // Migrate to Flow leaves it behind; it says nothing about the rule
])
const CRITERIA_ELEMENTS: ReadonlySet<string> = new Set([
  'field',
  'operation',
  'value',
  'valueField',
])
const ACTION_ELEMENTS: ReadonlySet<string> = new Set(['name', 'type'])
const TIME_TRIGGER_ELEMENTS: ReadonlySet<string> = new Set([
  'actions',
  'offsetFromField',
  'timeLength',
  'workflowTimeTriggerUnit',
])

/** Reads a `<rules>` element: one rule, or none when its name or trigger type is not to be made out. */
export function readRule(
  source: Source,
  objectName: string,
  element: XmlElement,
): readonly WorkflowRule[] {
  const place = placeOf(source, element)
  const refuse = (message: string): readonly WorkflowRule[] => {
    source.report(place, 'RULE_INVALID', `${message}: the rule is left out`)
    return []
  }
  reportUnknown(source, element, RULE_ELEMENTS)
  const fullName = wordOf(element, 'fullName')
  if (fullName === null) return refuse('expected <fullName>, found none')
  const written = wordOf(element, 'triggerType')
  const triggerType = TRIGGER_TYPES.find((known) => known === written)
  if (!triggerType) {
    return refuse(`${fullName}: expected one of ${TRIGGER_TYPES.join(', ')}, found ${written}`)
  }
  const criteriaItems = childrenOf(element, 'criteriaItems').flatMap((child) =>
    readFilterItem(source, child),
  )
  return [
    {
      kind: 'rule',
      objectName,
      fullName,
      active: booleanOf(element, 'active') ?? false,
      description: textOf(element, 'description'),
      triggerType,
      criteriaItems,
      booleanFilter: wordOf(element, 'booleanFilter'),
      formula: textOf(element, 'formula'),
      actions: readActions(source, element),
      timeTriggers: childrenOf(element, 'workflowTimeTriggers').flatMap((child) =>
        readTimeTrigger(source, child),
      ),
      place,
    },
  ]
}

function readFilterItem(source: Source, element: XmlElement): readonly FilterItem[] {
  reportUnknown(source, element, CRITERIA_ELEMENTS)
  const field = wordOf(element, 'field')
  const operation = wordOf(element, 'operation')
  if (field === null || operation === null) {
    const message = 'a criterion needs <field> and <operation>: it is left out'
    source.report(placeOf(source, element), 'RULE_INVALID', message)
    return []
  }
  const valueField = wordOf(element, 'valueField')
  const value = textOf(element, 'value') ?? ''
  return [{ field, operation, value, ...(valueField === null ? {} : { valueField }) }]
}

function readActions(source: Source, element: XmlElement): readonly ActionReference[] {
  return childrenOf(element, 'actions').flatMap((child) => {
    reportUnknown(source, child, ACTION_ELEMENTS)
    const name = wordOf(child, 'name')
    const type = wordOf(child, 'type')
    if (name !== null && type !== null) return { name, type }
    const message = 'an action needs <name> and <type>: it is left out'
    source.report(placeOf(source, child), 'ACTION_INVALID', message)
    return []
  })
}

function readTimeTrigger(source: Source, element: XmlElement): readonly TimeTrigger[] {
  reportUnknown(source, element, TIME_TRIGGER_ELEMENTS)
  const timeLength = intOf(element, 'timeLength')
  const unit = wordOf(element, 'workflowTimeTriggerUnit')
  if (timeLength === null || (unit !== 'Days' && unit !== 'Hours')) {
    const found = `${wordOf(element, 'timeLength')} ${unit}`
    const message = `expected a whole number of Hours or Days, found ${found}: the time trigger is left out`
    source.report(placeOf(source, element), 'RULE_INVALID', message)
    return []
  }
  const offsetFromField = wordOf(element, 'offsetFromField')
  return [{ actions: readActions(source, element), offsetFromField, timeLength, unit }]
}
