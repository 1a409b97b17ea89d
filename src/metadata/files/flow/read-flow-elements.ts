import type { XmlElement } from '../../../base/xml.ts'
import type {
  FlowAssignment,
  FlowElement,
  FlowObstacle,
  FlowOutcomeRule,
  FlowResource,
} from '../../../rules/flow/flow-definition.ts'
import { booleanOf, childrenOf, placeOf, type Source, wordOf } from '../source.ts'
import { readAction } from './read-flow-action.ts'
import { RESOURCE_ELEMENTS, readResource } from './read-flow-resources.ts'
import { readConditions, readValue, strangersIn, targetOf } from './read-flow-values.ts'

/** What a flow says of itself, and what Flow Builder notes: of no consequence for a run. */
const FLOW_ATTRIBUTES: ReadonlySet<string> = new Set([
  'accessType',
  'apiVersion',
  'areMetricsLoggedToDataCloud',
  'customProperties',
  'description',
  'environments',
  'fullName',
  'groups', // boxes that Flow Builder draws around elements
  'interviewLabel',
  'isAdditionalPermissionRequiredToRun',
  'isOverridable',
  'isTemplate',
  'label',
  'migratedFromWorkflowRuleName',
  'overriddenFlow',
  'processMetadataValues',
  'processType',
  'runInMode',
  'sourceTemplate',
  'start',
  'startElementReference',
  'status',
  'timeZoneSidKey',
  'triggerOrder',
])

/** Reads every element and resource of a flow. What is nothing of both is an obstacle. */
export function readElements(
  source: Source,
  root: XmlElement,
  obstacles: FlowObstacle[],
): { readonly elements: readonly FlowElement[]; readonly resources: readonly FlowResource[] } {
  const elements: FlowElement[] = []
  const resources: FlowResource[] = []
  for (const child of root.children) {
    if (FLOW_ATTRIBUTES.has(child.local)) continue
    const name = wordOf(child, 'name')
    if (name === null) {
      const reason = 'it is not understood'
      obstacles.push({ place: placeOf(source, child), what: child.local, reason })
    } else if (RESOURCE_ELEMENTS.has(child.local)) {
      resources.push(readResource(source, child, name))
    } else {
      elements.push(readElement(source, child, name))
    }
  }
  return { elements, resources }
}

/** What elements of every kind may say. */
const COMMON = ['name', 'label', 'description', 'group', 'locationX', 'locationY'] as const
const DECISION_ELEMENTS: ReadonlySet<string> = new Set([
  ...COMMON,
  'defaultConnector',
  'defaultConnectorLabel',
  'rules',
])
const RULE_ELEMENTS: ReadonlySet<string> = new Set([
  'conditionLogic',
  'conditions',
  'connector',
  'description',
  'doesRequireRecordChangedToMeetCriteria',
  'label',
  'name',
])
const ASSIGNMENT_ELEMENTS: ReadonlySet<string> = new Set([
  ...COMMON,
  'assignmentItems',
  'connector',
])
const UPDATE_ELEMENTS: ReadonlySet<string> = new Set([
  ...COMMON,
  'connector',
  'faultConnector', // what fails refuses the save: a fault path is never gone
  'filterLogic',
  'filters',
  'inputAssignments',
  'inputReference',
  'object',
])

function readElement(source: Source, element: XmlElement, name: string): FlowElement {
  const obstacles: FlowObstacle[] = []
  const read = readKnown(source, element, { name, obstacles })
  const [first] = obstacles
  if (read !== null && first === undefined) return read
  const reason = first?.reason ?? REASONS.get(element.local) ?? 'it is not carried out here'
  return unsupported(source, element, { name, kind: element.local, reason })
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['recordLookups', 'flows look up no records here'],
  ['recordCreates', 'flows create no records here'],
  ['recordDeletes', 'flows delete no records here'],
  ['loops', 'flows keep no collections here'],
  ['subflows', 'flows call no other flows here'],
  ['screens', 'a record-triggered flow has nobody to show a screen to'],
])

/** An element that keeps its place in the flow, and keeps the flow from being run. */
function unsupported(
  source: Source,
  element: XmlElement,
  { name, kind, reason }: { name: string; kind: string; reason: string },
): FlowElement {
  const nexts = targetsIn(element)
  return {
    kind: 'unsupported',
    name,
    place: placeOf(source, element),
    element: kind,
    reason,
    nexts,
  }
}

/** Every element that it may go on to, whatever its connectors are called; fault paths aside. */
function targetsIn(element: XmlElement): readonly string[] {
  return element.children.flatMap((child) => {
    if (child.local === 'faultConnector') return []
    return child.local === 'targetReference' ? [child.text.trim()] : targetsIn(child)
  })
}

type Reading = { readonly name: string; readonly obstacles: FlowObstacle[] }

/** Null: an element of another kind. */
function readKnown(source: Source, element: XmlElement, reading: Reading): FlowElement | null {
  const place = placeOf(source, element)
  const { name, obstacles } = reading
  const head = { name, place }
  switch (element.local) {
    case 'decisions':
      obstacles.push(...strangersIn(source, element, DECISION_ELEMENTS))
      return {
        ...head,
        kind: 'decision',
        rules: childrenOf(element, 'rules').map((rule) => readRule(source, rule, obstacles)),
        next: targetOf(element, 'defaultConnector'),
      }
    case 'assignments':
      obstacles.push(...strangersIn(source, element, ASSIGNMENT_ELEMENTS))
      return {
        ...head,
        kind: 'assignment',
        items: readItems(source, element, { child: 'assignmentItems', obstacles }),
        next: targetOf(element),
      }
    case 'recordUpdates':
      return readUpdate(source, element, reading)
    case 'actionCalls': {
      const action = readAction(element)
      if (typeof action !== 'string') return { ...head, ...action, next: targetOf(element) }
      obstacles.push({ place, what: name, reason: action })
      return null
    }
    default:
      return null
  }
}

function readRule(source: Source, rule: XmlElement, obstacles: FlowObstacle[]): FlowOutcomeRule {
  obstacles.push(...strangersIn(source, rule, RULE_ELEMENTS))
  const names = { logic: 'conditionLogic', conditions: 'conditions', left: 'leftValueReference' }
  return {
    name: wordOf(rule, 'name') ?? '',
    ...readConditions(source, rule, { names, obstacles }),
    requiresChange: booleanOf(rule, 'doesRequireRecordChangedToMeetCriteria') ?? false,
    next: targetOf(rule),
  }
}

function readUpdate(
  source: Source,
  element: XmlElement,
  { name, obstacles }: Reading,
): FlowElement | null {
  const place = placeOf(source, element)
  obstacles.push(...strangersIn(source, element, UPDATE_ELEMENTS))
  const reference = wordOf(element, 'inputReference')
  const objectName = wordOf(element, 'object')
  if (reference === null && objectName === null) {
    const reason = 'expected <inputReference> or <object>, which say what is updated'
    obstacles.push({ place, what: name, reason })
    return null
  }
  const filters = { logic: 'filterLogic', conditions: 'filters', left: 'field' }
  return {
    name,
    place,
    kind: 'recordUpdate',
    target:
      reference !== null
        ? { kind: 'reference', name: reference }
        : { kind: 'object', objectName: objectName ?? '' },
    filters: readConditions(source, element, { names: filters, obstacles }),
    items: readItems(source, element, { child: 'inputAssignments', obstacles }),
    next: targetOf(element),
  }
}

const ITEM_ELEMENTS: ReadonlySet<string> = new Set([
  'assignToReference',
  'field',
  'operator',
  'value',
])

/** The items of an assignment (`assignToReference`) or of an update (`field`, always assigned). */
function readItems(
  source: Source,
  element: XmlElement,
  { child, obstacles }: { readonly child: string; readonly obstacles: FlowObstacle[] },
): readonly FlowAssignment[] {
  return childrenOf(element, child).flatMap((item) => {
    obstacles.push(...strangersIn(source, item, ITEM_ELEMENTS))
    const to = wordOf(item, 'assignToReference') ?? wordOf(item, 'field')
    const operator = wordOf(item, 'operator') ?? 'Assign'
    if (to !== null) return [{ to, operator, value: readValue(item, 'value') }]
    const reason = `<${child}> does not say what is set`
    obstacles.push({ place: placeOf(source, item), what: child, reason })
    return []
  })
}
