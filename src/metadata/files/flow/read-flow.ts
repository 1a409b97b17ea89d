import type { XmlElement } from '../../../base/xml.ts'
import type {
  FlowDefinition,
  FlowEntry,
  FlowObstacle,
  FlowPath,
  FlowTimeUnit,
} from '../../../rules/flow/flow-definition.ts'
import type { Contribution } from '../contribution.ts'
import {
  booleanOf,
  childOf,
  childrenOf,
  intOf,
  placeOf,
  type Source,
  textOf,
  wordOf,
} from '../source.ts'
import { readElements } from './read-flow-elements.ts'
import { readConditions, strangersIn, targetOf } from './read-flow-values.ts'

/**
 * Reads a flow. Only record-triggered ones, before or after the save, are of use here: any other is told
 * of once and passed over. What is not understood is kept with its place, as a reason not to run the flow.
 */
export function readFlow(source: Source, fullName: string, root: XmlElement): Contribution {
  const start = childOf(root, 'start')
  const kind = kindOf(root, start)
  if (typeof kind === 'string' || start === undefined) {
    const message = `${fullName} is not record-triggered before or after the save (${kind}): it is passed over`
    source.report(placeOf(source, root), 'FLOW_KIND_UNSUPPORTED', message)
    return {}
  }
  const obstacles: FlowObstacle[] = []
  const { elements, resources } = readElements(source, root, obstacles)
  const flow: FlowDefinition = {
    kind: 'flow',
    fullName,
    label: textOf(root, 'label') ?? fullName,
    active: wordOf(root, 'status') === 'Active',
    objectName: wordOf(start, 'object') ?? '',
    ...kind,
    triggerOrder: intOf(root, 'triggerOrder'),
    entry: readEntry(source, start, obstacles),
    first: targetOf(start) ?? wordOf(root, 'startElementReference'),
    paths: childrenOf(start, 'scheduledPaths').flatMap((path) => readPath(source, path, obstacles)),
    elements,
    resources,
    obstacles,
    place: placeOf(source, root),
  }
  return { flows: [flow] }
}

type Kind = Pick<FlowDefinition, 'triggerType' | 'recordTriggerType'>

/** What kind of record-triggered flow it is, or in a word what it is instead. */
function kindOf(root: XmlElement, start: XmlElement | undefined): Kind | string {
  const processType = wordOf(root, 'processType') ?? 'AutoLaunchedFlow'
  if (processType !== 'AutoLaunchedFlow') return processType
  const triggerType = start ? wordOf(start, 'triggerType') : null
  if (start === undefined || triggerType === null) return 'it has no trigger'
  if (triggerType !== 'RecordBeforeSave' && triggerType !== 'RecordAfterSave') return triggerType
  const recordTriggerType = wordOf(start, 'recordTriggerType')
  switch (recordTriggerType) {
    case 'Create':
    case 'Update':
    case 'CreateAndUpdate':
      return { triggerType, recordTriggerType }
    default:
      return `${triggerType} ${recordTriggerType}`
  }
}

const START_ELEMENTS: ReadonlySet<string> = new Set([
  'connector',
  'description',
  'doesRequireRecordChangedToMeetCriteria',
  'filterFormula',
  'filterLogic',
  'filters',
  'flowRunAsUser', // the triggering user, or it is an obstacle
  'group',
  'label',
  'locationX',
  'locationY',
  'maxBatchSize', // of no consequence: each record is a run of its own here
  'name',
  'object',
  'recordTriggerType',
  'scheduledPaths',
  'triggerType',
])

function readEntry(source: Source, start: XmlElement, obstacles: FlowObstacle[]): FlowEntry {
  obstacles.push(...strangersIn(source, start, START_ELEMENTS))
  const place = placeOf(source, start)
  const runAs = wordOf(start, 'flowRunAsUser') ?? 'TriggeringUser'
  if (runAs !== 'TriggeringUser') {
    obstacles.push({ place, what: 'start', reason: `it runs as ${runAs}, not as who saves` })
  }
  const filters = { logic: 'filterLogic', conditions: 'filters', left: 'field' }
  return {
    ...readConditions(source, start, { names: filters, obstacles }),
    formula: textOf(start, 'filterFormula'),
    requiresChange: booleanOf(start, 'doesRequireRecordChangedToMeetCriteria') ?? false,
    place,
  }
}

const PATH_ELEMENTS: ReadonlySet<string> = new Set([
  'connector',
  'description',
  'label',
  'locationX',
  'locationY',
  'maxBatchSize',
  'name',
  'offsetNumber',
  'offsetUnit',
  'pathType',
  'recordField',
  'timeSource',
])
const TIME_UNITS: readonly FlowTimeUnit[] = ['Minutes', 'Hours', 'Days', 'Weeks', 'Months']

function readPath(
  source: Source,
  element: XmlElement,
  obstacles: FlowObstacle[],
): readonly FlowPath[] {
  obstacles.push(...strangersIn(source, element, PATH_ELEMENTS))
  const place = placeOf(source, element)
  const pathType = wordOf(element, 'pathType')
  const name = wordOf(element, 'name') ?? pathType ?? ''
  const path = { name, label: textOf(element, 'label') ?? name, place, first: targetOf(element) }
  if (pathType === 'AsyncAfterCommit') return [{ ...path, after: { kind: 'commit' } }]
  const offset = intOf(element, 'offsetNumber')
  const unit = TIME_UNITS.find((known) => known === wordOf(element, 'offsetUnit'))
  const timeSource = wordOf(element, 'timeSource')
  const field = timeSource === 'RecordField' ? wordOf(element, 'recordField') : null
  const isKnown = timeSource === 'RecordTriggerEvent' || field !== null
  if (offset === null || unit === undefined || !isKnown || pathType !== null) {
    const reason = 'expected a time source, a whole number and a unit of time'
    obstacles.push({ place, what: `scheduledPaths ${name}`, reason })
    return []
  }
  return [{ ...path, after: { kind: 'time', field, offset, unit } }]
}
