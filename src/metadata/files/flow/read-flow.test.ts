import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  assignmentXml,
  compileFlowXml,
  connectorXml,
  decisionXml,
  flowDefinition,
  flowXml,
  obstaclesOf,
  outboundMessageXml,
  updateXml,
} from '../../../../test/support/flows.ts'
import { parseXmlTree } from '../../../base/xml.ts'
import { compileFlows } from '../../../rules/flow/compile-flows.ts'
import { startReport } from '../../problem.ts'
import { readFlow } from './read-flow.ts'

const TELL = outboundMessageXml('Thing__c.Tell')

test('flows of other kinds are passed over, each with one remark that says what it is', () => {
  const trigger = (type: string) =>
    `<processType>AutoLaunchedFlow</processType><start><triggerType>${type}</triggerType><recordTriggerType>Delete</recordTriggerType></start>`
  const rows: readonly [string, RegExp][] = [
    ['<processType>Flow</processType>', /\(Flow\)/],
    ['<processType>Workflow</processType>', /\(Workflow\)/],
    ['<processType>InvocableProcess</processType>', /\(InvocableProcess\)/],
    ['<processType>AutoLaunchedFlow</processType>', /\(it has no trigger\)/],
    [trigger('RecordBeforeDelete'), /\(RecordBeforeDelete\)/],
    [trigger('PlatformEvent'), /\(PlatformEvent\)/],
    [trigger('Scheduled'), /\(Scheduled\)/],
    [trigger('RecordAfterSave'), /\(RecordAfterSave Delete\)/],
  ]
  for (const [content, kind] of rows) {
    const { report, problems } = startReport()
    const found = readFlow({ file: 'f', report }, 'F', parseXmlTree(`<Flow>${content}</Flow>`))
    assert.deepEqual(found, {})
    assert.deepEqual(
      problems.map(({ code, severity }) => `${code} ${severity}`),
      ['FLOW_KIND_UNSUPPORTED info'],
    )
    assert.match(problems[0]?.message ?? '', kind)
  }
})

test('everything that is not carried out is told with its name, kind, reason and line', () => {
  const lookup = `<recordLookups><name>Get</name>${connectorXml('Loop')}<object>Contact</object></recordLookups>`
  const loop = `<loops>
    <name>Loop</name>${connectorXml('Step', 'noMoreValuesConnector')}</loops>`
  const body = `${lookup}\n${loop}\n${TELL}`
  const [outcome] = compileFlowXml({ F: flowXml({ first: 'Get', body }) }).outcomes
  assert.ok(outcome?.kind === 'not executed')
  assert.deepEqual(
    outcome.obstacles.map(({ what, reason, place }) => [what, reason, place.line]),
    [
      ['recordLookups Get', 'flows look up no records here', 8],
      ['loops Loop', 'flows keep no collections here', 9],
    ],
  )
})

test('each element, action, resource and word outside the subset keeps a flow from being run', () => {
  const named = (element: string) => `<${element}><name>Step</name></${element}>`
  const action = (type: string, inputs = '') =>
    `<actionCalls><name>Step</name><actionName>Thing__c.Mail</actionName><actionType>${type}</actionType>${inputs}</actionCalls>`
  const input = (reference: string) =>
    `<inputParameters><name>SObjectRowId</name><value><elementReference>${reference}</elementReference></value></inputParameters>`
  const sObject = '<variables><name>Them</name><dataType>SObject</dataType></variables>'
  const collection =
    '<variables><name>Them</name><dataType>String</dataType><isCollection>true</isCollection></variables>'
  const rows: readonly [string, RegExp][] = [
    [named('recordCreates'), /recordCreates Step: flows create no records/],
    [named('recordDeletes'), /recordDeletes Step/],
    [named('subflows'), /subflows Step: flows call no other flows/],
    [named('customErrors'), /customErrors Step: it is not carried out here/],
    [named('collectionProcessors'), /collectionProcessors Step/],
    [named('transforms'), /transforms Step/],
    [named('waits'), /waits Step/],
    [named('screens'), /screens Step/],
    [named('somethingNew'), /somethingNew Step: it is not carried out here/],
    ['<somethingNew><x>1</x></somethingNew>', /somethingNew: it is not understood/],
    [action('apex'), /actions of the type apex/],
    [action('emailSimple'), /actions of the type emailSimple/],
    [action('emailAlert', input('$Record.Parent__c')), /only \$Record.Id is understood/],
    [action('outboundMessage', input('$Record.Id')), /its input SObjectRowId is not understood/],
    [outboundMessageXml('Thing__c.Nowhere'), /there is no outbound message Thing__c.Nowhere/],
    [outboundMessageXml('Parent__c.Tell'), /is not one of Thing__c/],
    [outboundMessageXml('Thing__c.Tell', { next: 'Gone' }), /goes on to Gone, which is not there/],
    ['', /there is no element Step/],
    [
      `<assignments><name>Step</name><novelty>1</novelty></assignments>`,
      /<novelty> in it is not understood/,
    ],
    [assignmentXml([['Them', 'Assign', 'x']]) + sObject, /values of the type SObject/],
    [assignmentXml([['Them', 'Add', 'x']]) + collection, /collections are not kept here/],
    [assignmentXml([['$Record.Name', 'RemoveAll', 'x']]), /the operator "RemoveAll"/],
    [assignmentXml([['$Record.Id', 'Assign', 'x']]), /\$Record.Id/],
    [assignmentXml([['$Record.Double__c', 'Assign', 1]]), /Salesforce computes it/],
    [assignmentXml([['$Record.Parent__r.Name', 'Assign', 'x']]), /no field of \$Record/],
    [assignmentXml([['$Record__Prior.Name', 'Assign', 'x']]), /no field of \$Record/],
    [
      assignmentXml([['$Record.Text__c', 'Assign', '!$Flow.CurrentDate']]),
      /takes Text, found Date/,
    ],
    [
      assignmentXml([['$Record.Text__c', 'Assign', 'on {!$Record.Date__c}']]),
      /puts a Date into a text/,
    ],
    [
      assignmentXml([['$Record.Moment__c', 'Assign', '!$Flow.CurrentDate']]),
      /takes DateTime, found Date/,
    ],
    [updateXml({ Text__c: 'x' }, { target: '' }), /expected <inputReference> or <object>/],
    [
      updateXml({ Text__c: 'x' }, { target: '<inputReference>Them</inputReference>' }),
      /only \$Record and its parents/,
    ],
    [
      updateXml({ Name: 'x' }, { target: '<inputReference>$Record.Owner</inputReference>' }),
      /leads from Thing__c to no object/,
    ],
    [
      updateXml({ Text__c: 'x' }, { target: '<object>Thing__c</object>' }),
      /by filters: only \$Record and its parents/,
    ],
    [
      decisionXml([['$Record.Name', 'IsNull', true]], {
        more: '<isGroupedConditions>true</isGroupedConditions>',
      }),
      /<isGroupedConditions> in it is not understood/,
    ],
    [
      '<decisions><name>Step</name><elementSubtype>SplitPathByDate</elementSubtype></decisions>',
      /<elementSubtype> in it is not understood/,
    ],
    [
      '<assignments><name>Step</name><assignmentItems><assignToReference>$Record.Name</assignToReference><value><stringValue>x</stringValue><valueMapName>M</valueMapName></value></assignmentItems></assignments>',
      /a value in <valueMapName> is not understood/,
    ],
    [updateXml({ Nothing__c: 'x' }), /Thing__c has no field "Nothing__c"/],
  ]
  for (const [body, reason] of rows) {
    assert.match(obstaclesOf(flowXml({ body })).join('; '), reason)
  }
})

test('what Flow Builder notes for itself keeps nothing from being run', () => {
  const start =
    '<flowRunAsUser>TriggeringUser</flowRunAsUser><maxBatchSize>50</maxBatchSize><isAsync>false</isAsync>'
  const body = `<groups><name>Box</name></groups><environments>Default</environments>
    <triggerOrder>10</triggerOrder><runInMode>DefaultMode</runInMode>${TELL}`
  assert.deepEqual(obstaclesOf(flowXml({ start, body })), [])
  const other = '<flowRunAsUser>DefaultWorkflowUser</flowRunAsUser>'
  assert.match(obstaclesOf(flowXml({ start: other, body })).join(), /runs as DefaultWorkflowUser/)
})

test('a resource is looked at only where it is used, and a formula says where it is wrong', () => {
  const choice = '<choices><name>Unused</name></choices>'
  assert.deepEqual(obstaclesOf(flowXml({ body: TELL + choice })), [])
  const formula = (expression: string) =>
    `<formulas><name>F</name><dataType>String</dataType><expression>${expression}</expression></formulas>`
  const using = assignmentXml([['$Record.Text__c', 'Assign', '!F']])
  const rows: readonly [string, RegExp][] = [
    ['{!$Record.Text__c} +', /\(line 1, column 21 of the formula\)/],
    ['{!F}', /the resource F refers to itself/],
    ['1 + 1', /the formula gives Number, expected Text/],
    ['{!Nobody}', /the flow has nothing that is called "Nobody"/],
    ['&quot;Dear {!$Record.Name}&quot;', /merge field inside the text/],
    ['CASEOF(1)', /there is no function/],
  ]
  for (const [expression, reason] of rows) {
    assert.match(obstaclesOf(flowXml({ body: using + formula(expression) })).join(), reason)
  }
})

test('what no run comes by is told, and keeps nothing from being run', () => {
  const lookup = '<recordLookups><name>Orphan</name></recordLookups>'
  const fault = TELL.replace(
    '<flowTransaction',
    `${connectorXml('Log', 'faultConnector')}<flowTransaction`,
  )
  const log = '<recordCreates><name>Log</name></recordCreates>'
  const { outcomes, problems } = compileFlowXml({ F: flowXml({ body: fault + log + lookup }) })
  assert.equal(outcomes[0]?.kind, 'executed')
  assert.deepEqual(
    problems.map(({ code, severity }) => `${code} ${severity}`),
    ['FLOW_ELEMENT_UNREACHED info', 'FLOW_ELEMENT_UNREACHED info'],
  )
})

test('a flow that is not active is compiled, and its problems are good to know only', () => {
  const flow = (status: string) => flowXml({ status, body: '<screens><name>Step</name></screens>' })
  const severities = ['Active', 'Draft', 'Obsolete', 'InvalidDraft'].map((status) => {
    return compileFlowXml({ F: flow(status) }).problems.map(({ severity }) => severity)
  })
  assert.deepEqual(severities, [['warning'], ['info'], ['info'], ['info']])
  const draft = compileFlowXml({ F: flowXml({ status: 'Draft', body: TELL }) })
  assert.equal(draft.outcomes[0]?.kind, 'executed')
  assert.deepEqual(draft.afterSave('Thing__c'), [])
})

test('a flow of an object that is not there, or with fields that are not, is not executed; its formula counts', () => {
  const start = '<filterFormula>{!$Record.Unheard__c} = 1 &amp;&amp; ISNEW()</filterFormula>'
  for (const object of ['Thing__c', 'Nowhere__c']) {
    const [outcome] = compileFlowXml({ F: flowXml({ object, start, body: TELL }) }).outcomes
    assert.equal(outcome?.kind, 'not executed')
    assert.deepEqual([outcome?.hasEntryFormula, outcome?.isEntryCompiled], [true, true])
  }
  const broken = flowXml({ start: '<filterFormula>IF(</filterFormula>', body: TELL })
  const [outcome] = compileFlowXml({ F: broken }).outcomes
  assert.deepEqual([outcome?.hasEntryFormula, outcome?.isEntryCompiled], [true, false])
})

test('scheduled paths say when they run, or are told', () => {
  const path = (content: string) =>
    `<scheduledPaths><name>P</name>${connectorXml('Step')}${content}</scheduledPaths>`
  const days = '<offsetNumber>-3</offsetNumber><offsetUnit>Days</offsetUnit>'
  const byField = `${days}<recordField>Date__c</recordField><timeSource>RecordField</timeSource>`
  const flow = flowDefinition(
    flowXml({ start: path(byField) + path('<pathType>AsyncAfterCommit</pathType>'), body: TELL }),
  )
  assert.deepEqual(
    flow.paths.map(({ after, first }) => ({ after, first })),
    [
      { after: { kind: 'time', field: 'Date__c', offset: -3, unit: 'Days' }, first: 'Step' },
      { after: { kind: 'commit' }, first: 'Step' },
    ],
  )
  const changed =
    '<filters><field>Text__c</field><operator>IsChanged</operator><value><booleanValue>true</booleanValue></value></filters>'
  const rows: readonly [string, RegExp][] = [
    [path(byField.replace('Date__c', 'Text__c')), /has no date field Text__c/],
    [path(byField.replace('Days', 'Years')), /expected a time source/],
    [path(days), /expected a time source/],
    [path(byField) + changed, /ask what a save changed/],
    [path(byField.replace('-3', '999999')), /more than anybody waits/],
  ]
  for (const [start, reason] of rows) {
    assert.match(obstaclesOf(flowXml({ start, body: TELL })).join(), reason)
  }
})

test('no file that is XML keeps the reader and compiler from answering', () => {
  const names = [
    'start',
    'decisions',
    'rules',
    'conditions',
    'recordUpdates',
    'filters',
    'value',
    'variables',
    'name',
    'connector',
    'scheduledPaths',
    'formulas',
    'expression',
    'assignments',
    'assignmentItems',
    'actionCalls',
    'object',
    'x',
  ]
  const texts = [
    '',
    'Step',
    '$Record',
    '$Record.Name',
    '{!x}',
    'Thing__c',
    '1',
    'true',
    'EqualTo',
    'AND',
    '"',
  ]
  const tree = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(...texts),
      fc
        .tuple(fc.constantFrom(...names), fc.array(tie('node'), { maxLength: 4 }))
        .map(([name, children]) => `<${name}>${children.join('')}</${name}>`),
    ),
  })).node
  const start =
    '<start><triggerType>RecordAfterSave</triggerType><recordTriggerType>Create</recordTriggerType><object>Account</object><connector><targetReference>Step</targetReference></connector></start>'
  fc.assert(
    fc.property(fc.array(tree, { maxLength: 6 }), (parts) => {
      const xml = `<Flow>${start}${parts.join('')}</Flow>`
      const { flows = [] } = readFlow({ file: 'f', report: () => {} }, 'F', parseXmlTree(xml))
      compileFlows({ flows, outboundMessageKeys: [], alertKeys: [], objects: () => undefined })
    }),
    { numRuns: 300 },
  )
})
