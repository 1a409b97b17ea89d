import assert from 'node:assert/strict'
import { parseXmlTree } from '../../src/base/xml.ts'
import { readFlow } from '../../src/metadata/files/flow/read-flow.ts'
import { startReport } from '../../src/metadata/problem.ts'
import type { CompiledFlow } from '../../src/rules/flow/compile-flow.ts'
import { type CompiledFlows, compileFlows } from '../../src/rules/flow/compile-flows.ts'
import type { FlowDefinition } from '../../src/rules/flow/flow-definition.ts'
import { type FlowListener, type RanFlows, runFlows } from '../../src/rules/flow/run-flows.ts'
import type { FieldValues } from '../../src/schema/field-value.ts'
import type { OrgRecord } from '../../src/schema/record.ts'
import { fireContext, objects, thing } from './rules-org.ts'

type Parts = {
  readonly name?: string
  readonly status?: string
  readonly object?: string
  readonly when?: 'RecordBeforeSave' | 'RecordAfterSave'
  readonly on?: string
  /** More children of `<start>`, the connector aside. */
  readonly start?: string
  readonly first?: string | null
  readonly body?: string
}

/** A flow's file. After the save of any Thing__c, unless the parts say otherwise. */
export function flowXml(parts: Parts = {}): string {
  const { first = 'Step', when = 'RecordAfterSave', on = 'CreateAndUpdate' } = parts
  const connector = first === null ? '' : connectorXml(first)
  return `<?xml version="1.0" encoding="UTF-8"?>
<Flow xmlns="http://soap.sforce.com/2006/04/metadata">
  <apiVersion>61.0</apiVersion><label>A flow</label><processType>AutoLaunchedFlow</processType>
  <start><locationX>50</locationX><locationY>0</locationY>${connector}${parts.start ?? ''}
    <object>${parts.object ?? 'Thing__c'}</object><recordTriggerType>${on}</recordTriggerType>
    <triggerType>${when}</triggerType></start>
  <status>${parts.status ?? 'Active'}</status>
  ${parts.body ?? ''}
</Flow>`
}

export function connectorXml(target: string, element = 'connector'): string {
  return `<${element}><targetReference>${target}</targetReference></${element}>`
}

/** A value, typed as its JavaScript value is; what begins with `!` is a reference. */
export function valueXml(value: string | number | boolean | null, element = 'value'): string {
  if (value === null) return ''
  const type = value.toString().startsWith('!')
    ? 'elementReference'
    : `${typeof value}Value`.replace('string', 'string')
  const text = value.toString().replace(/^!/, '').replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<${element}><${type}>${text}</${type}></${element}>`
}

/** An assignment called Step that ends the flow; each item is a target, an operator and a value. */
export function assignmentXml(
  items: readonly (readonly [string, string, string | number | boolean | null])[],
  { name = 'Step', next = '' } = {},
): string {
  const each = items.map(
    ([to, operator, value]) =>
      `<assignmentItems><assignToReference>${to}</assignToReference><operator>${operator}</operator>${valueXml(value)}</assignmentItems>`,
  )
  return `<assignments><name>${name}</name>${each.join('')}${next && connectorXml(next)}</assignments>`
}

/** An update of `$Record`, or of what `target` says, with fields and their values. */
export function updateXml(
  fields: Readonly<Record<string, string | number | boolean | null>>,
  { name = 'Step', next = '', target = '<inputReference>$Record</inputReference>' } = {},
): string {
  const items = Object.entries(fields).map(
    ([field, value]) =>
      `<inputAssignments><field>${field}</field>${valueXml(value)}</inputAssignments>`,
  )
  return `<recordUpdates><name>${name}</name>${next && connectorXml(next)}${items.join('')}${target}</recordUpdates>`
}

/** A decision called Step with one outcome, Yes, to the element Then; else to the element Otherwise. */
export function decisionXml(
  conditions: readonly (readonly [string, string, string | number | boolean | null])[],
  { logic = 'and', more = '', name = 'Step', taken = 'Then', otherwise = '' } = {},
): string {
  const each = conditions.map(
    ([left, operator, right]) =>
      `<conditions><leftValueReference>${left}</leftValueReference><operator>${operator}</operator>${valueXml(right, 'rightValue')}</conditions>`,
  )
  return `<decisions><name>${name}</name>${otherwise && connectorXml(otherwise, 'defaultConnector')}
    <rules><name>Yes</name><conditionLogic>${logic}</conditionLogic>${each.join('')}${connectorXml(taken)}${more}</rules></decisions>`
}

export function outboundMessageXml(key: string, { name = 'Step', next = '' } = {}): string {
  return `<actionCalls><name>${name}</name><actionName>${key}</actionName><actionType>outboundMessage</actionType>
    ${next && connectorXml(next)}<flowTransactionModel>CurrentTransaction</flowTransactionModel></actionCalls>`
}

export function emailAlertXml(key: string, { name = 'Step', next = '' } = {}): string {
  return `<actionCalls><name>${name}</name><actionName>${key}</actionName><actionType>emailAlert</actionType>
    ${next && connectorXml(next)}<inputParameters><name>SObjectRowId</name>
    ${valueXml('!$Record.Id')}</inputParameters></actionCalls>`
}

/** The definition in a flow's file, which must be record-triggered. */
export function flowDefinition(xml: string, name = 'A_Flow'): FlowDefinition {
  const { report } = startReport()
  const source = { file: `flows/${name}.flow-meta.xml`, report }
  const { flows = [] } = readFlow(source, name, parseXmlTree(xml))
  const [flow] = flows
  assert.ok(flow, 'the flow is not record-triggered')
  return flow
}

/** Compiles flows' files by their names, with Thing__c and its outbound message Thing__c.Tell. */
export function compileFlowXml(xmls: Readonly<Record<string, string>>): CompiledFlows {
  return compileFlows({
    flows: Object.entries(xmls).map(([name, xml]) => flowDefinition(xml, name)),
    outboundMessageKeys: ['Thing__c.Tell', 'Parent__c.Tell'],
    alertKeys: ['Thing__c.Mail'],
    objects,
  })
}

/** What keeps a flow from being run, each as `what: reason`. */
export function obstaclesOf(xml: string): readonly string[] {
  const [outcome] = compileFlowXml({ A_Flow: xml }).outcomes
  if (outcome?.kind !== 'not executed') return []
  return outcome.obstacles.map(({ what, reason }) => `${what}: ${reason}`)
}

type Setting = {
  readonly before?: FieldValues | null
  readonly others?: readonly OrgRecord[]
  readonly listener?: FlowListener
}

/** Runs the flows of a file, or of several, for a Thing__c as it is `after` the save. */
export function runXml(
  xml: string | Readonly<Record<string, string>>,
  after: FieldValues,
  { before = null, others = [], listener }: Setting = {},
): RanFlows {
  const compiled = compileFlowXml(typeof xml === 'string' ? { A_Flow: xml } : xml)
  assert.deepEqual(
    compiled.problems.map(({ message }) => message),
    [],
  )
  const flows: readonly CompiledFlow[] = [
    ...compiled.beforeSave('Thing__c'),
    ...compiled.afterSave('Thing__c'),
  ]
  const change = { before: before && thing(before), after: thing(after) }
  const ran = runFlows(flows, change, fireContext(others), listener ?? null)
  assert.equal(ran.kind, 'ran', JSON.stringify(ran))
  return ran as RanFlows
}
